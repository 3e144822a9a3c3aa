#pragma once
// What holds for every machine, whatever happened to it. Without a test framework: the fuzzer uses it too.

#include <string>

#include "core/service/group.h"

namespace kindred::test {

namespace detail {

inline bool has_process(Phase phase) {
  return phase == Phase::Starting || phase == Phase::Running || phase == Phase::Finishing ||
         phase == Phase::Stopping;
}

inline bool last_is(const Actions& actions, Action::Kind kind) {
  return !actions.empty() && actions[actions.size() - 1].kind == kind;
}

inline bool leaves(const Convention& convention, Verb verb) {
  for (Do what : convention.steps(verb))
    if (what == Do::Leave) return true;
  return false;
}

/// The answer: its order and its targets.
inline const char* broken_by_actions(const ServiceMachine& machine, const Actions& actions) {
  if (actions.size() > Actions::capacity()) return "more actions than there is room for";
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const Action& action = actions[i];
    const bool last = i + 1 == actions.size();
    switch (action.kind) {
      case Action::Kind::Spawn:
        if (!last) return "Spawn is not the last action";
        if (machine.record.pid != 0) return "a start beside a living process";
        break;
      case Action::Kind::RunCustom:
        if (!last) return "RunCustom is not the last action";
        if (machine.custom_pid != -1) return "a custom script that nobody waits for";
        break;
      case Action::Kind::Retire:
        if (!last) return "Retire is not the last action";
        break;
      case Action::Kind::EndLeft:
      case Action::Kind::Kill:
        if (action.pid <= 0) return "a signal to no process";
        if (action.pid != machine.record.pid && action.pid != machine.custom_pid)
          return "a signal to a process that is not there";
        break;
      default:
        break;
    }
  }
  return nullptr;
}

/// One machine at a moment when it waits for nothing but the world.
inline const char* broken_at_rest(const ServiceMachine& m, const Convention& convention) {
  const StatusRecord& r = m.record;
  const bool leaving = r.exiting && (!convention.exit_at_rest || r.phase == Phase::Stopped);
  const bool timed = m.phase_deadline != Instant::never();
  if (m.retired) return nullptr;
  if (has_process(r.phase) != (r.pid != 0)) return "the pid does not fit the phase";
  if ((r.paused || r.sent_term || r.ready) && r.pid == 0) return "a mark that outlived its process";
  if (r.ready && r.phase != Phase::Running) return "ready without running";
  if (r.phase == Phase::Waiting && !timed && !m.awaiting_custom()) return "waiting for nothing";
  if (r.phase == Phase::Waiting && leaving) return "waiting for a start that will not be";
  if (!has_process(r.phase) && r.phase != Phase::Waiting && timed) return "a timer for a service at rest";
  if (m.custom_deadline != Instant::never() && m.custom_pid <= 0) return "a timer for no custom script";
  if (m.start_held && !(r.phase == Phase::Waiting && m.awaiting_custom())) return "a start held by nothing";
  if ((r.phase == Phase::Stopped || r.phase == Phase::Failed) && r.want == Want::Up && !leaving)
    return "wanted up, at rest";
  if (r.phase == Phase::Started && r.want == Want::Down) return "wanted down, and yet started";
  if (m.in_command && !m.awaiting_custom()) return "a command that stopped halfway";
  if (leaving && r.pid == 0 && !m.awaiting_custom()) return "exiting and down, and yet there";
  return nullptr;
}

inline bool awaits_answer(const Actions& actions) {
  return last_is(actions, Action::Kind::Spawn) || last_is(actions, Action::Kind::RunCustom);
}

}  // namespace detail

/// The rule that this step broke; null if none.
inline const char* broken_rule(const GroupMachine& before, Role role, const Event& event,
                               const GroupActions& answer, const GroupMachine& after,
                               const GroupConvention& convention, const Now& now) {
  const ServiceMachine& was = before.of(role);
  const ServiceMachine& is = after.of(role);
  const Convention& own = role == Role::Log ? convention.log : convention.main;
  if (was.retired)
    return is == was && answer.of_role.empty() && !answer.retire ? nullptr : "a retired machine moved";
  if (const char* rule = detail::broken_by_actions(is, answer.of_role)) return rule;
  if (!answer.of_log.empty()) {
    if (!after.log) return "actions for a log that is not there";
    if (const char* rule = detail::broken_by_actions(*after.log, answer.of_log)) return rule;
  }
  if (is.retired && !is.record.exiting && !detail::leaves(own, is.command.verb))
    return "retired, but nobody asked for it";
  if (after.retired && !after.main.retired) return "the group is gone before its main process";
  if (detail::last_is(answer.of_role, Action::Kind::Retire)) return "a machine's Retire left the group";
  if (detail::last_is(answer.of_role, Action::Kind::Spawn)) {
    const Script script = answer.of_role[answer.of_role.size() - 1].script;
    const bool follows_start = script == Script::Run && was.record.phase == Phase::Starting;
    const bool for_start = std::holds_alternative<event::ScriptAbsent>(event);
    const bool starts = script == Script::Start || script == Script::Run;
    if (starts && !follows_start && !for_start && now.steady < is.not_before)
      return "a start before its time";
    if (starts && is.record.exiting && !own.exit_at_rest) return "a start although exiting";
  }
  if (detail::awaits_answer(answer.of_role)) return nullptr;
  if (const char* rule = detail::broken_at_rest(is, own)) return rule;
  if (std::holds_alternative<event::TimerFired>(event) && !is.retired && is.next_deadline() <= now.steady)
    return "a timer that fires again at once";
  return nullptr;
}

}  // namespace kindred::test
