#pragma once
/// What sv says of a status record, and what it waits for in one.
///
///   STATE: NAME: (pid N) Ns, normally down|up, paused, want up|down, got TERM
///
/// STATE is down, run or finish; for a state that runit does not define it is left out, with its colon. The
/// pid is shown unless down; each remark where it applies, want and normally only where they are not what is.
/// Source: interfaces/runit.md sections 9.5 and 9.6.

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

#include "compat-runit/status.h"
#include "core/base/time.h"
#include "core/dialect/dialect.h"

namespace kindred::runit {

/// As runit would have recorded it: what another family calls once is here a service that is wanted down.
[[nodiscard]] DecodedStatus in_runit_terms(DecodedStatus status);

[[nodiscard]] std::string sv_status_text(const DecodedStatus& status, std::string_view name,
                                         bool normally_down, WallTime now);

/// nullopt: one that runit does not define.
[[nodiscard]] std::optional<State> sv_state(const DecodedStatus& status);

/// The record's one stamp: since when the service is down, or when its run script started.
[[nodiscard]] WallTime sv_stamp(const DecodedStatus& status);

/// Whether the condition of one command letter holds, in a record that was read after the command was given.
/// `asked`: when that was. Stamps are compared to the nanosecond: what happened earlier in the same second
/// does not count, as it does in the original. `check_grants`: what the service's check script says; asked
/// only where it matters. 'x' never holds here: it waits for the supervisor to be gone.
template <std::predicate Check>
[[nodiscard]] bool sv_satisfied(char letter, const DecodedStatus& status, WallTime asked,
                                Check&& check_grants) {
  const StatusRecord& record = status.snapshot.main;
  const bool alive = record.pid != 0;
  const bool wanted_down = record.want == Want::Down;
  const bool is_new = sv_stamp(status) >= asked;
  switch (letter) {
    case 'u':
      return alive && sv_state(status) == State::Run && check_grants();
    case 'd':
      return !alive && sv_state(status) == State::Down;
    case 'C':
      return !alive || check_grants();
    case 't':
    case 'k':
      return alive ? is_new && !record.sent_term && check_grants() : wanted_down;
    case 'o':
      return alive ? wanted_down : is_new;
    case 'p':
      return !alive || record.paused;
    case 'c':
      return !alive || !record.paused;
    case 'x':
      return false;
    default:
      return true;
  }
}

}  // namespace kindred::runit
