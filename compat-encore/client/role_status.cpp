#include "compat-encore/client/role_status.h"

#include "compat-encore/status.h"
#include "core/frontend/status_text.h"

namespace kindred::encore {
namespace {

constexpr std::uint8_t kStarted = 2, kRunning = 3;

/// `of_home`: the record is this family's, and its state byte means what it says.
RoleStatus role_status(const DecodedStatus& status, Role role, bool of_home) {
  RoleStatus seen{status.snapshot.of(role), std::nullopt};
  if (of_home)
    seen.state = status.state[static_cast<std::size_t>(role)];
  else if (!status.pid_only)
    seen.state = status.phase_known ? state_byte(seen.record) : std::uint8_t{0xff};
  return seen;
}

}  // namespace

bool RoleStatus::up() const { return record.pid != 0 || state == kStarted || state == kRunning; }

PairStatus pair_status(const ServiceDirectory& directory, const Observation& seen,
                       const KnownFamilies& families) {
  const bool of_home = seen.supervisor == &families.home;
  PairStatus pair{role_status(seen.status, Role::Main, of_home), std::nullopt};
  if (seen.status.snapshot.log) {
    pair.log = role_status(seen.status, Role::Log, of_home);
  } else if (!of_home && seen.supervisor->convention.supervises_log) {
    const auto log = ServiceDirectory::open(directory.fd(), "log");
    if (!log) return pair;
    const Look look = look_at(*log, families);
    if (look.seen)
      pair.log = role_status(look.seen->status, Role::Main, look.seen->supervisor == &families.home);
  }
  return pair;
}

std::string role_text(const RoleStatus& status, bool normally_down, WallTime now) {
  std::string text = status_text(status.record, normally_down, now);
  if (!status.state) return text;
  if (status.record.pid != 0 && status.record.want == Want::Once) text += ", once";
  return text + ", " + state_word(*status.state);
}

std::optional<RolesAsked> roles_asked(Options& options) {
  RolesAsked asked;
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return std::nullopt;
    asked = {.main = letter == 'l', .log = letter == 'L'};
  }
  return asked;
}

}  // namespace kindred::encore
