#pragma once
// freedt's programs: one main each, in cli/.

namespace kindred::freedt {

int anonidentd_main(int argc, char** argv);
int argv0_main(int argc, char** argv);
int core_main(int argc, char** argv);  ///< what svscan starts to supervise
int dumblog_main(int argc, char** argv);
int envdir_main(int argc, char** argv);
int envuidgid_main(int argc, char** argv);
int mkservice_main(int argc, char** argv);
int ratelimit_main(int argc, char** argv);
int recordio_main(int argc, char** argv);
int setlock_main(int argc, char** argv);
int setuidgid_main(int argc, char** argv);
int softlimit_main(int argc, char** argv);
int supervise_main(int argc, char** argv);
int svc_main(int argc, char** argv);
int svok_main(int argc, char** argv);
int svscan_main(int argc, char** argv);
int svstat_main(int argc, char** argv);

}  // namespace kindred::freedt
