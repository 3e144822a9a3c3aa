#pragma once
// Waking when services change.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/native/status.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// From when it is made, it hears when a supervisor writes a record or leaves, or a service comes or goes. Looking at
/// services does not wake.
class ServiceChanges {
 public:
  ServiceChanges(const StatusReport& report, const std::vector<std::string>& directories);

  /// Something may change that is not heard: a supervisor answers at a door and writes no file, there is no scan directory
  /// yet, or no inotify. Then callers bound their waits and look again.
  [[nodiscard]] bool deaf() const { return deaf_; }

  /// Until something has changed, or so many milliseconds are over. False: nobody reads `output` any more; -1: it does not
  /// matter.
  [[nodiscard]] bool wait(int milliseconds, int output = -1) const;

  /// For who waits for other things, too: readable when there may be something to take(); -1 without inotify.
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Whether something has changed since the last call.
  [[nodiscard]] bool take() const;

 private:
  UniqueFd fd_;
  bool deaf_ = false;
};

/// What a command shows or watches as it comes and goes.
struct WatchedServices {
  std::vector<std::string> directories, names;  ///< none of either: all that there are

  /// Where to look.
  [[nodiscard]] std::vector<std::string> places() const;
  /// Leaves of what was seen there what is meant.
  void select(StatusReport& seen) const;
};
/// A path is a directory, and so is what is no service's name but there; other words are names, which may come to be where
/// they are patterns. nullopt: one that nothing has; that has been said.
[[nodiscard]] std::optional<WatchedServices> watched_services(std::string_view program,
                                                              const std::vector<std::string>& words);

/// Looks at the services in these directories, or where they usually are if there is none, and hears of what changes in
/// what it has seen. `report`: what was seen before.
[[nodiscard]] ServiceChanges look_and_hear(StatusReport& report, const std::vector<std::string>& named);

}  // namespace kindred
