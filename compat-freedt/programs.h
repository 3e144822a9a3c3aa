#pragma once
// freedt's programs: one main each, in cli/.

namespace kindred::freedt {

int anonidentd_main(int argc, char** argv);
int argv0_main(int argc, char** argv);
int core_main(int argc, char** argv);  ///< what svscan starts to supervise
int mkservice_main(int argc, char** argv);
int setlock_main(int argc, char** argv);
int supervise_main(int argc, char** argv);
int svc_main(int argc, char** argv);
int svok_main(int argc, char** argv);
int svscan_main(int argc, char** argv);
int svstat_main(int argc, char** argv);

}  // namespace kindred::freedt
