#pragma once
// runit's programs: one main each, in supervise/ and client/.

namespace kindred {
class Clock;
}

namespace kindred::runit {

int core_main(int argc, char** argv);  ///< what runsvdir starts to supervise
int runsv_main(int argc, char** argv);
int runsvchdir_main(int argc, char** argv);
int runsvdir_main(int argc, char** argv);
int sv_main(int argc, char** argv);

/// sv by another time than the system's.
int sv_by_clock(int argc, char** argv, const Clock& clock);

/// runsvchdir within another base directory than /etc/runit/runsvdir. Leaves the process there.
int change_directory(const char* base, const char* directory);

}  // namespace kindred::runit
