#pragma once
// Rows as gather_status() would find them.

#include "core/native/status.h"

namespace kindred {

inline constexpr WallTime kNow{1700000000, 0};

inline WallTime before_now(std::int64_t seconds) { return {kNow.seconds - seconds, 0}; }

inline ServiceState live(Phase phase, std::int32_t pid, std::int64_t age = 12) {
  ServiceState state;
  state.supervision = Supervision::Live;
  state.family = "runit";
  state.record = StatusRecord{};
  state.record->phase = phase;
  state.record->pid = pid;
  state.record->pid_changed = before_now(age);
  state.normally_up = true;
  return state;
}

inline ServiceState unsupervised() {
  ServiceState state;
  state.supervision = Supervision::None;
  state.normally_up = true;
  return state;
}

inline ServiceState stale(Phase phase, std::int32_t pid, bool alive) {
  ServiceState state = live(phase, pid);
  state.supervision = Supervision::Stale;
  if (pid != 0) state.pid_alive = alive;
  return state;
}

inline ServiceRow row(const std::string& name, ServiceState main, std::optional<ServiceState> log = {}) {
  return {name, "sv/" + name, std::move(main), std::move(log), {}, {}};
}

}  // namespace kindred
