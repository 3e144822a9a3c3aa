#pragma once
// The first process of a system that runit runs, and what talks to it.

namespace kindred::runit {

int runit_main(int argc, char** argv);
int runit_init_main(int argc, char** argv);

/// Where requests are left for process 1: the owner's execute bit says that it is meant.
inline constexpr const char* kStopFile = "/run/runit.stopit";
inline constexpr const char* kRebootFile = "/run/runit.reboot";

}  // namespace kindred::runit
