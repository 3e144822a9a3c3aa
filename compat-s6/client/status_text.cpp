#include "compat-s6/client/status_text.h"

#include <algorithm>

#include "core/base/signal_name.h"
#include "core/base/tai64n.h"
#include "core/client/age.h"

namespace kindred::s6 {
namespace {

using Kind = ExitStatus::Kind;

/// In the order of Field.
constexpr std::string_view kNames[] = {
    "up",       "wantedup", "normallyup", "ready",       "paused",     "pid",       "pgid",
    "exitcode", "signal",   "signum",     "updownsince", "readysince", "updownfor", "readyfor",
};

const ExitStatus& end(const ServiceStatus& status) { return status.record.exit_of(Script::Run); }

/// Since its supervisor came, as the record says.
bool never_started(const ServiceStatus& status) {
  const StatusRecord& r = status.record;
  return r.pid == 0 && r.run_started == WallTime{} && r.run_ended == WallTime{} &&
         end(status).kind == Kind::None;
}

/// A stamp that the record has; where it has none, that of the latest change.
WallTime stamped(WallTime stamp, const StatusRecord& record) {
  return stamp == WallTime{} ? record.pid_changed : stamp;
}

WallTime changed(const ServiceStatus& status) {
  return stamped(status.up() ? status.record.run_started : status.record.run_ended, status.record);
}

WallTime ready_since(const ServiceStatus& status) {
  return stamped(status.record.ready_changed, status.record);
}

std::string seconds_since(WallTime since, const ServiceStatus& status) {
  return std::to_string(age_in_seconds(since, status.now));
}

std::string end_text(const ServiceStatus& status, bool numbers) {
  const int value = end(status).value;
  switch (end(status).kind) {
    case Kind::Exited:
      return "exitcode " + std::to_string(value);
    case Kind::Signaled:
      return numbers ? "signal " + std::to_string(value) : std::string("signal SIG") + signal_name(value);
    case Kind::None:
    case Kind::Unknown:
      break;
  }
  return "end unknown";
}

}  // namespace

bool ServiceStatus::up() const {
  return record.pid != 0 && record.phase != Phase::Finishing && record.phase != Phase::Stopping;
}

bool ServiceStatus::ready() const {
  if (up()) return record.ready;
  return record.phase == Phase::Stopped || record.phase == Phase::Waiting || record.phase == Phase::Failed;
}

std::string status_text(const ServiceStatus& status, bool numbers) {
  const bool up = status.up(), wanted_up = status.record.want == Want::Up;
  const bool never = never_started(status);
  std::string text =
      up ? "up (pid " + std::to_string(status.record.pid) : "down (" + end_text(status, numbers);
  if (never)
    text = "down (not started yet) ";
  else
    text += ") " + seconds_since(changed(status), status) + " seconds";
  if (up != status.normally_up) text += up ? ", normally down" : ", normally up";
  if (up && status.record.paused) text += ", paused";
  if (up != wanted_up) text += up ? ", want down" : ", want up";
  if (status.ready() && !never) text += ", ready " + seconds_since(ready_since(status), status) + " seconds";
  return text;
}

std::optional<Field> parse_field(std::string_view name) {
  if (name.empty()) return std::nullopt;
  const auto* const found = std::find_if(std::begin(kNames), std::end(kNames),
                                         [name](std::string_view known) { return known.starts_with(name); });
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<Field>(found - std::begin(kNames));
}

std::string field_text(const ServiceStatus& status, Field field) {
  const auto truth = [](bool value) { return std::string(value ? "true" : "false"); };
  const bool up = status.up();
  const bool killed = !up && end(status).kind == Kind::Signaled;
  switch (field) {
    case Field::Up:
      return truth(up);
    case Field::WantedUp:
      return truth(status.record.want == Want::Up);
    case Field::NormallyUp:
      return truth(status.normally_up);
    case Field::Ready:
      return truth(up && status.ready());
    case Field::Paused:
      return truth(status.record.paused);
    case Field::Pid:
    case Field::ProcessGroup:  // run leads it
      return up ? std::to_string(status.record.pid) : "-1";
    case Field::ExitCode:
      return !up && end(status).kind == Kind::Exited ? std::to_string(end(status).value) : "-1";
    case Field::Signal:
      return killed ? std::string("SIG") + signal_name(end(status).value) : "NA";
    case Field::SignalNumber:
      return killed ? std::to_string(end(status).value) : "-1";
    case Field::UpDownSince:
      return tai64n_text(changed(status), TaiOffset::LeapTable);
    case Field::ReadySince:
      return tai64n_text(ready_since(status), TaiOffset::LeapTable);
    case Field::UpDownFor:
      return seconds_since(changed(status), status);
    case Field::ReadyFor:
      return seconds_since(ready_since(status), status);
  }
  return {};
}

}  // namespace kindred::s6
