#pragma once

namespace kindred {

/// What families' svscanboot differ in.
struct BootRules {
  const char* services;               ///< the system's scan directory
  int (*svc)(int argc, char** argv);  ///< the family's own
};

/// Runs `svscan SERVICES` with its messages in the title of a readproctitle. Returns the exit code.
[[nodiscard]] int svscanboot(const BootRules& rules);

}  // namespace kindred
