#include "compat-runit/client/sv_status.h"

#include "core/client/age.h"

namespace kindred::runit {

DecodedStatus in_runit_terms(DecodedStatus status) {
  StatusRecord& record = status.snapshot.main;
  if (record.want == Want::Once) record.want = Want::Down;
  return status;
}

std::optional<State> sv_state(const DecodedStatus& status) {
  return status.phase_known ? std::optional(state_of(status.snapshot.main.phase)) : std::nullopt;
}

WallTime sv_stamp(const DecodedStatus& status) {
  const StatusRecord& record = status.snapshot.main;
  return sv_state(status) == State::Down ? record.down_since : record.run_started;
}

std::string sv_status_text(const DecodedStatus& status, std::string_view name, bool normally_down,
                           WallTime now) {
  const StatusRecord& record = status.snapshot.main;
  const std::optional<State> state = sv_state(status);
  const bool alive = record.pid != 0;
  std::string text;
  if (state) text.append(state_word(*state)).append(": ");
  text.append(name).append(": ");
  // A pid of 2^31 or more, which no kernel gives, shows sign-extended.
  if (state != State::Down)
    text += "(pid " + std::to_string(static_cast<std::uint64_t>(std::int64_t{record.pid})) + ") ";
  text += std::to_string(age_in_seconds(sv_stamp(status), now)) + "s";
  if (alive && normally_down) text += ", normally down";
  if (!alive && !normally_down) text += ", normally up";
  if (alive && record.paused) text += ", paused";
  if (!alive && record.want == Want::Up) text += ", want up";
  if (alive && record.want == Want::Down) text += ", want down";
  if (alive && record.sent_term) text += ", got TERM";
  return text;
}

}  // namespace kindred::runit
