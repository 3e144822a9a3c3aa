#include "core/service/group.h"

#include <csignal>

namespace kindred {
namespace {

using Kind = Action::Kind;

bool take_retire(Actions& actions) {
  if (actions.empty() || actions[actions.size() - 1].kind != Kind::Retire) return false;
  Actions kept;
  for (const Action& action : actions)
    if (action.kind != Kind::Retire) kept.push_back(action);
  actions = kept;
  return true;
}

Action kill_action(std::int32_t pid, int signal) {
  Action action;
  action.kind = Kind::Kill;
  action.pid = pid;
  action.signal = static_cast<std::uint8_t>(signal);
  return action;
}

/// Main has left: the log is to end, by end of file or by a signal, and is not started again.
void end_log(GroupMachine& group, const LogCoupling& coupling, GroupActions& answer) {
  ServiceMachine& log = *group.log;
  log.record.exiting = true;
  answer.close_log_input = coupling.close_input;
  if (log.record.pid == 0) {
    log.record.phase = Phase::Stopped;
    log.phase_deadline = Instant::never();
    log.retired = true;
    answer.retire = true;
  }
  answer.of_log.push_back(Action{});
  if (log.record.pid != 0 && coupling.terminate) {
    log.record.sent_term = true;
    answer.of_log.push_back(kill_action(log.record.pid, SIGTERM));
    answer.of_log.push_back(kill_action(log.record.pid, SIGCONT));
  }
}

}  // namespace

GroupActions step(GroupMachine& group, Role role, const Event& event, const GroupConvention& convention,
                  const Now& now) noexcept {
  GroupActions answer;
  const Convention& own = role == Role::Log ? convention.log : convention.main;
  answer.of_role = step(group.of(role), event, own, now);
  if (take_retire(answer.of_role)) {
    if (role == Role::Main && group.log && !group.log->retired) {
      group.main_left = true;
      end_log(group, convention.coupling, answer);
    } else {
      answer.retire = role == Role::Main || group.main_left;
    }
  }
  group.retired = group.retired || answer.retire;
  return answer;
}

}  // namespace kindred
