#pragma once
// system-control start and stop: which bundles, in which order, and until when.
// Source: interfaces/nosh.md section 14.

#include <string>
#include <vector>

namespace kindred::nosh {

enum class Goal : bool { Stopped, Started };

struct StartStopOptions {
  std::string program;  ///< whose messages they are: the sub-command
  bool verbose = false;
  bool pretend = false;   ///< no command is sent
  bool per_user = false;  ///< by the user's manager, not the system's
};

/// Returns when every bundle, and those that its relations name, has come to where it is wanted: 0. 1, with a
/// message, where that cannot be begun.
[[nodiscard]] int start_or_stop(const std::vector<std::pair<std::string, Goal>>& bundles,
                                const StartStopOptions& options);

}  // namespace kindred::nosh
