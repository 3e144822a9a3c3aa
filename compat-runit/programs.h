#pragma once
// runit's programs: one main each, in cli/.

namespace kindred::runit {

int core_main(int argc, char** argv);  ///< what runsvdir starts to supervise
int runsv_main(int argc, char** argv);
int runsvchdir_main(int argc, char** argv);
int runsvdir_main(int argc, char** argv);
int sv_main(int argc, char** argv);

/// runsvchdir within another base directory than /etc/runit/runsvdir. Leaves the process there.
int change_directory(const char* base, const char* directory);

}  // namespace kindred::runit
