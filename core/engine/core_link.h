#pragma once
// The core of a scan directory, as another process of its user asks it to take services over from a supervisor that is no
// kindred. A scanner's own words are in scanner.cpp.

#include <span>

#include "core/base/result.h"
#include "core/dialect/scan_rules.h"
#include "core/service/status_record.h"
#include "core/sys/unique_fd.h"

namespace kindred {

namespace core_request {
inline constexpr char kGive = 'd';  ///< with descriptors
inline constexpr char kTakeOverMain =
    't';  ///< with a service directory, its supervisor's process, and what is closed
inline constexpr char kTakeOverLog = 'l';  ///< likewise, of the log that is a service of its own
}  // namespace core_request

/// Who starts a scanner beside supervisors that are to be taken over sets it: the scanner does not complain of them.
inline constexpr const char* kTakesOver = "KINDRED_TAKES_OVER";

class CoreLink {
 public:
  /// Errors: as connect_to(): ENOENT, ECONNREFUSED where there is no core.
  [[nodiscard]] static Result<CoreLink> connect(const DirectoryId& scan_directory);

  /// Waits until it does what it is asked: a core that begins looks at its services first. Errors: ETIME.
  [[nodiscard]] Status await();
  /// FIFOs and pipes that the old supervisor has open: the core has them when it takes the service up, and lets go of
  /// what it has no use for when this link ends.
  [[nodiscard]] Status give(std::span<const int> descriptors);
  /// The core takes the service up as soon as the process (a pidfd), its supervisor until then, has ended: what comes back
  /// hangs up when it has. That goes on if this link ends.
  [[nodiscard]] Result<UniqueFd> take_over(int service_directory, Role role, int supervisor);

 private:
  explicit CoreLink(UniqueFd socket) : socket_(std::move(socket)) {}
  UniqueFd socket_;
};

}  // namespace kindred
