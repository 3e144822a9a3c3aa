#pragma once
// Waking when services change.

#include <string>
#include <vector>

#include "core/native/status.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// From when it is made, it hears when a supervisor writes a record, or a service comes or goes. Those who answer at a door
/// tell nothing, so callers bound their waits and look again.
class ServiceChanges {
 public:
  ServiceChanges(const StatusReport& report, const std::vector<std::string>& directories);

  /// Until something has changed, or so many milliseconds are over. False: standard output has no reader any more.
  [[nodiscard]] bool wait(int milliseconds) const;

 private:
  UniqueFd fd_;
};

}  // namespace kindred
