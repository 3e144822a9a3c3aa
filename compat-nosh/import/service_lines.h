#pragma once
// What a service's settings become in its scripts, by the numbers of the table.
// Source: interfaces/nosh-system.md sections 8.2, 8.3.

#include <string>
#include <vector>

#include "compat-nosh/import/unit_values.h"

namespace kindred::nosh {

/// How the service is begun.
struct ServiceKind {
  bool target = false;
  bool socket = false, timer = false;
  bool connections = false;  ///< a process for each

  /// By nobody but the manager.
  [[nodiscard]] bool plain() const { return !socket && !timer; }
};

struct ServiceLines {
  ScriptLines make_groups, join_group, controllers, knobs;  // 1
  ScriptLines scheduling;                                   // 2, 3
  ScriptLines environment;                                  // 4 to 6
  ScriptLines account_environment;                          // 7
  ScriptLines session;                                      // 8
  ScriptLines limits;                                       // 9, 10
  ScriptLines root;                                         // 11, 12
  ScriptLines directory;                                    // 13, 14
  ScriptLines descriptors;                                  // 15
  ScriptLines socket_descriptors;                           // 15, of what gets the socket
  ScriptLines account;                                      // 16
  ScriptLines terminal;                                     // 17
  bool permissions_only_of_run = false, root_only_of_run = false;
  std::vector<std::string> warnings;
};

[[nodiscard]] ServiceLines read_service_lines(const UnitValues& service, const UnitName& name,
                                              const ServiceKind& kind, const ImportOptions& options);

/// The directories that are made before the service starts, and removed after it stopped.
struct RuntimeDirectories {
  ScriptLines make, remove;
};
/// Errors: code 0: why a name is refused.
[[nodiscard]] Result<RuntimeDirectories> read_runtime_directories(const UnitValues& service);

}  // namespace kindred::nosh
