#pragma once
// encore's programs: one main each, in supervise/ and client/.

namespace kindred::encore {

int readproctitle_main(int argc, char** argv);
int supervise_main(int argc, char** argv);
int svc_main(int argc, char** argv);
int svok_main(int argc, char** argv);
int svscan_main(int argc, char** argv);
int svscanboot_main(int argc, char** argv);
int svstat_main(int argc, char** argv);
int svup_main(int argc, char** argv);

}  // namespace kindred::encore
