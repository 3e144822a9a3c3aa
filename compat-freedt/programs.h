#pragma once
// freedt's supervisors and clients: one main each, in supervise/ and client/.

namespace kindred::freedt {

int supervise_main(int argc, char** argv);
int svc_main(int argc, char** argv);
int svok_main(int argc, char** argv);
int svscan_main(int argc, char** argv);
int svstat_main(int argc, char** argv);

}  // namespace kindred::freedt
