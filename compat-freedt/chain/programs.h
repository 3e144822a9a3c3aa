#pragma once
// freedt's chain tools: one main each.

namespace kindred::freedt {

int anonidentd_main(int argc, char** argv);
int argv0_main(int argc, char** argv);
int envdir_main(int argc, char** argv);
int envuidgid_main(int argc, char** argv);
int mkservice_main(int argc, char** argv);
int ratelimit_main(int argc, char** argv);
int recordio_main(int argc, char** argv);
int setlock_main(int argc, char** argv);
int setuidgid_main(int argc, char** argv);
int softlimit_main(int argc, char** argv);

}  // namespace kindred::freedt
