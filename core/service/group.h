#pragma once
// A group: a main process and, where one supervisor looks after both, its log process. Pure, like the
// machine.

#include <optional>

#include "core/service/machine.h"

namespace kindred {

struct GroupMachine {
  ServiceMachine main;
  std::optional<ServiceMachine> log;
  bool main_left = false;  ///< main has retired and the log is being brought to an end
  bool retired = false;    ///< nothing of the group is supervised any more
  friend bool operator==(const GroupMachine&, const GroupMachine&) = default;

  [[nodiscard]] ServiceMachine& of(Role role) { return role == Role::Log ? *log : main; }
  [[nodiscard]] const ServiceMachine& of(Role role) const { return role == Role::Log ? *log : main; }
  [[nodiscard]] bool has(Role role) const { return role == Role::Main || log.has_value(); }
  [[nodiscard]] GroupSnapshot snapshot() const {
    GroupSnapshot snapshot{main.record, std::nullopt};
    if (log) snapshot.log = log->record;
    return snapshot;
  }
};

struct GroupActions {
  Actions of_role;               ///< for the process that the event was about
  bool close_log_input = false;  ///< the supervisor lets go of the pipe
  Actions of_log;                ///< what main's leaving means for the log
  bool retire = false;           ///< forget the group
};

/// An event for one of the two, with what it means for the other. A single machine's Retire is turned here
/// into what the group does: main leaves first, then its log, then the group.
[[nodiscard]] GroupActions step(GroupMachine& group, Role role, const Event& event,
                                const GroupConvention& convention, const Now& now) noexcept;

}  // namespace kindred
