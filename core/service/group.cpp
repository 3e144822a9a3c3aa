#include "core/service/group.h"

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

}  // namespace

GroupActions step(GroupMachine& group, Role role, const Event& event, const GroupConvention& convention,
                  const Now& now) noexcept {
  GroupActions answer;
  const Convention& own = role == Role::Log ? convention.log : convention.main;
  answer.of_role = step(group.of(role), event, own, now);
  if (take_retire(answer.of_role)) {
    // A main that leaves its own living process leaves the log's too.
    const bool for_good = group.main.record.exiting && group.main.record.pid == 0;
    if (role == Role::Main && for_good && group.log && !group.log->retired) {
      group.main_left = true;
      answer.close_log_input = convention.coupling.close_input;
      answer.of_log = step(*group.log, event::MainLeft{convention.coupling.terminate}, convention.log, now);
      answer.retire = take_retire(answer.of_log);
    } else {
      answer.retire = role == Role::Main || group.main_left;
    }
  }
  group.retired = group.retired || answer.retire;
  return answer;
}

}  // namespace kindred
