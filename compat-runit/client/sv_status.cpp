#include "compat-runit/client/sv_status.h"

#include "core/client/age.h"

namespace kindred::runit {

DecodedStatus in_runit_terms(DecodedStatus status) {
  StatusRecord& record = status.snapshot.main;
  if (record.want == Want::Once) record.want = Want::Down;
  return status;
}

SvState sv_state(const DecodedStatus& status) {
  if (!status.phase_known) return SvState::Unknown;
  switch (status.snapshot.main.phase) {
    case Phase::Starting:
    case Phase::Running:
      return SvState::Run;
    case Phase::Finishing:
    case Phase::Stopping:
      return SvState::Finish;
    case Phase::Stopped:
    case Phase::Waiting:
    case Phase::Started:
    case Phase::Failed:
      break;
  }
  return SvState::Down;
}

WallTime sv_stamp(const DecodedStatus& status) {
  const StatusRecord& record = status.snapshot.main;
  return sv_state(status) == SvState::Down ? record.down_since : record.run_started;
}

std::string sv_status_text(const DecodedStatus& status, std::string_view name, bool normally_down,
                           WallTime now) {
  const StatusRecord& record = status.snapshot.main;
  const SvState state = sv_state(status);
  const bool alive = record.pid != 0;
  std::string text;
  switch (state) {
    case SvState::Down:
      text = "down: ";
      break;
    case SvState::Run:
      text = "run: ";
      break;
    case SvState::Finish:
      text = "finish: ";
      break;
    case SvState::Unknown:
      break;
  }
  text.append(name).append(": ");
  // A pid of 2^31 or more, which no kernel gives, shows sign-extended.
  if (state != SvState::Down)
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
