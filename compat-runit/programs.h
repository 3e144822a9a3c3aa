#pragma once
// runit's programs: one main each, in supervise/ and client/.

#include <string_view>

namespace kindred {
class Clock;
}

namespace kindred::runit {

int runsv_main(int argc, char** argv);
int runsvchdir_main(int argc, char** argv);
int runsvdir_main(int argc, char** argv);
int sv_main(int argc, char** argv);
int update_service_main(int argc, char** argv);
int utmpset_main(int argc, char** argv);

/// sv by another time than the system's.
int sv_by_clock(int argc, char** argv, const Clock& clock);

/// runsvchdir within another base directory than /etc/runit/runsvdir. Leaves the process there.
int change_directory(const char* base, const char* directory);

/// utmpset in other files than the system's; without a second one, only in the first.
int log_out(std::string_view line, const char* utmp_path, const char* wtmp_path);

}  // namespace kindred::runit
