#include "core/client/service_action.h"

#include "core/service/describe.h"

namespace kindred {
namespace {

Commands commands_for(const ServiceOrder& order, const StatusRecord& now) {
  const bool has_process = now.pid != 0;
  switch (order.act) {
    case ServiceAct::Start:
      return {{.verb = Verb::Up}};
    case ServiceAct::Stop:
      // What is paused does not hear that it is to end.
      if (has_process && now.paused) return {{.verb = Verb::Down}, {.verb = Verb::Continue}};
      return {{.verb = Verb::Down}};
    case ServiceAct::Restart:
      if (!has_process || now.phase == Phase::Finishing) return {{.verb = Verb::Up}};
      return {{.verb = Verb::Terminate}, {.verb = Verb::Continue}, {.verb = Verb::Up}};
    case ServiceAct::Once:
      return {{.verb = Verb::Once}};
    case ServiceAct::Reload:
      return {{.verb = Verb::Signal, .signal = 0}};
    case ServiceAct::Signal:
      return {{.verb = Verb::Signal, .signal = order.signal}};
    case ServiceAct::Pause:
      return {{.verb = Verb::Pause}};
    case ServiceAct::Continue:
      return {{.verb = Verb::Continue}};
  }
  return {};
}

/// Microseconds from `since` to `now`; 0 for what is to come.
std::int64_t age(WallTime since, WallTime now) {
  constexpr std::int64_t kMicros = 1'000'000, kLong = 1'000'000;
  if (since >= now) return 0;
  const std::int64_t seconds = now.seconds - since.seconds;
  if (seconds < 0 || seconds > kLong) return kLong * kMicros;
  return seconds * kMicros + (static_cast<std::int64_t>(now.nanos) - since.nanos) / 1000;
}

bool is_up(const StatusRecord& record) {
  return record.phase == Phase::Started || (record.phase == Phase::Running && record.pid != 0);
}

}  // namespace

std::optional<std::string> control_bytes(const ServiceOrder& order, const StatusRecord& now,
                                         const Dialect& supervisor) {
  Commands commands = commands_for(order, now);
  for (ControlCommand& command : commands) command.role = order.role;
  if (auto bytes = write_letters(commands, supervisor.control)) return bytes;
  // What stops the service, or makes it read its files again, is a signal in families that have no word for it.
  const Convention& convention =
      order.role == Role::Log ? supervisor.convention.log : supervisor.convention.main;
  for (ControlCommand& command : commands) {
    if (command.verb == Verb::Terminate)
      command = {.verb = Verb::Signal, .signal = convention.down_signal, .role = order.role};
    else if (command.verb == Verb::Signal && command.signal == 0)
      command.signal = convention.reload_signal;
  }
  return write_letters(commands, supervisor.control);
}

Progress ActWatch::fail(std::string why) {
  failure_ = std::move(why);
  return Progress::Failed;
}

bool ActWatch::backs_off(const StatusRecord& record, WallTime now) const {
  if (!order_.back_off || record.pid != 0 || record.want != Want::Up) return false;
  // A supervisor that knows no such file would have started it by then.
  const Duration longest = order_.pause + kProvesItself;
  return back_off_after(*order_.back_off, starts_) > longest &&
         age(record.pid_changed, now) >= longest.count();
}

Progress ActWatch::up(const StatusRecord& record, const ActSight& sight) {
  if (record.phase == Phase::Failed) return fail("it has failed for good");
  if (taken_before_ && record.gave_up) return fail("it does not want to run");
  if (starts_ >= kEnoughStarts) return fail("it ends again and again");
  if (taken_before_ && starts_ > 0 && record.pid == 0) {
    if (record.want == Want::Down)
      return fail(order_.back_off && order_.back_off->failures != 0 && starts_ >= order_.back_off->failures
                      ? "it stays down after so many ends, by its back-off"
                      : "it is wanted down again");
    if (backs_off(record, sight.now))
      return fail(
          "its back-off keeps it down for " +
          std::to_string(
              std::chrono::ceil<std::chrono::seconds>(back_off_after(*order_.back_off, starts_)).count()) +
          " s");
  }
  if (!is_up(record)) return Progress::Pending;
  // What ran before was not started by this order, and has proved itself.
  if (order_.awaits_ready && !record.ready) return Progress::Pending;
  if (record.pid == 0 || record.ready || age(record.pid_changed, sight.now) >= kProvesItself.count())
    return Progress::Done;
  settling_ = true;
  return Progress::Pending;
}

Progress ActWatch::judge(const StatusRecord& record, const ActSight& sight) {
  const bool has_process = record.pid != 0;
  switch (order_.act) {
    case ServiceAct::Start:
      return up(record, sight);
    case ServiceAct::Restart:
      return before_.pid != 0 && record.pid == before_.pid ? Progress::Pending : up(record, sight);
    case ServiceAct::Stop:
      if (!has_process &&
          (record.phase == Phase::Failed || (record.phase == Phase::Stopped && record.want != Want::Up)))
        return Progress::Done;
      return Progress::Pending;
    case ServiceAct::Once:
      if (before_.pid != 0) return taken_before_ ? Progress::Done : Progress::Pending;
      return has_process || record.pid_changed > before_.pid_changed ? Progress::Done : Progress::Pending;
    case ServiceAct::Pause:
      if (!has_process && taken_before_) return fail("there is no process to pause");
      return record.paused ? Progress::Done : Progress::Pending;
    case ServiceAct::Continue:
      if (!has_process && taken_before_) return fail("there is no process to continue");
      return has_process && !record.paused ? Progress::Done : Progress::Pending;
    case ServiceAct::Reload:
    case ServiceAct::Signal:
      return taken_before_ ? Progress::Done : Progress::Pending;
  }
  return Progress::Done;
}

Progress ActWatch::look(const ActSight& sight) {
  settling_ = false;
  if (!sight.supervised) return fail("its supervisor has left");
  if (!sight.record) return Progress::Pending;
  const StatusRecord& record = *sight.record;
  const bool started = record.pid != last_.pid && record.pid != 0 && record.phase == Phase::Running;
  // One that came and went between two looks has left its stamp.
  const bool came_and_went = record.pid == 0 && last_.pid == 0 && record.pid_changed != last_.pid_changed;
  if (started || came_and_went) ++starts_;
  last_ = record;
  const Progress progress = judge(record, sight);
  // What comes of a command is in the record a moment after it was read.
  if (sight.taken && !taken_before_) settling_ = progress == Progress::Pending;
  taken_before_ = sight.taken;
  return progress;
}

std::string ActWatch::why_not() const {
  std::string text = failure_;
  const auto add = [&](std::string_view more) {
    if (!text.empty()) text += ", ";
    text += more;
  };
  if (starts_ > 1) add("it was started " + std::to_string(starts_) + " times");
  if (failure_.empty() && order_.act != ServiceAct::Stop && is_up(last_))
    add(order_.awaits_ready && !last_.ready ? "it is not ready" : "it runs");
  else if (failure_.empty())
    add("it is in state " + std::string(phase_word(last_.phase)));
  if (const std::string end = exit_words(last_.exit_of(Script::Run)); !end.empty() && !is_up(last_))
    add("run " + end);
  return text;
}

}  // namespace kindred
