#pragma once
/// One service as svstat and svup see it: main, and its log process if that is supervised with it.

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/time.h"
#include "core/cli/options.h"
#include "core/client/service_directory.h"

namespace kindred::encore {

/// The state of one process.
struct RoleStatus {
  StatusRecord record;
  std::optional<std::uint8_t> state;  ///< the state byte, or what it would be; none where no state is told

  /// svup's answer: a process, or started, or running. Source: interfaces/encore.md section 10.3.
  [[nodiscard]] bool up() const;
};

struct PairStatus {
  RoleStatus main;
  std::optional<RoleStatus> log;
};

/// What was seen of a service. Where another family's supervisor keeps the log's record in the log's own
/// directory, it is read there.
[[nodiscard]] PairStatus pair_status(const ServiceDirectory& directory, const Observation& seen,
                                     const KnownFamilies& families);

/// Which of the two was asked for: -l main, -L the log, and the last one counts; without either, both.
struct RolesAsked {
  bool main = true, log = true;
};
/// nullopt, after a complaint: an option that there is not.
[[nodiscard]] std::optional<RolesAsked> roles_asked(Options& options);
inline constexpr const char* kRoleOptions = "lL";

/// svstat's words for one process; section 10.2.
[[nodiscard]] std::string role_text(const RoleStatus& status, bool normally_down, WallTime now);

}  // namespace kindred::encore
