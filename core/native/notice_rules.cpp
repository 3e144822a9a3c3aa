#include "core/native/notice_rules.h"

#include <algorithm>

namespace kindred {

std::string_view NoticeRules::event_for(const ServiceState& state, Seen& seen, std::uint64_t restarts,
                                        Instant now) const {
  // What was gone is counted from the beginning.
  seen.restarts = std::min(seen.restarts, restarts);
  for (; seen.restarts < restarts; ++seen.restarts) seen.lately.push_back(now);
  while (!seen.lately.empty() && now - seen.lately.front() >= std::chrono::seconds(kLately))
    seen.lately.pop_front();
  if (is_flapping(state) || seen.lately.size() >= kFlapping) return "flapping";
  switch (health_of(state)) {
    case Health::Bad:
      return "bad";
    case Health::Good:
      return "good";
    // On its way it is what it was, and so is what cannot be seen.
    case Health::Passing:
    case Health::Unknown:
      break;
  }
  return seen.told;
}

std::vector<ServiceNotice> NoticeRules::look(const StatusReport& report, Instant now) {
  std::vector<ServiceNotice> notices;
  counter_.look(report);
  due_ = Instant::never();
  ++looks_;
  const auto judge = [&](const ServiceRow& row, Role role, const ServiceState& state) {
    Seen& seen = seen_[{row.path, role}];
    seen.look = looks_;
    const std::string_view event = event_for(state, seen, counter_.restarts(row.path, role), now);
    // What flaps has a moment in which it looks well.
    if (event == "flapping") due_ = std::min(due_, now + std::chrono::seconds(kLately));
    if (event == seen.told) return;
    if (now - seen.told_at < pause_) {
      due_ = std::min(due_, seen.told_at + pause_);
      return;
    }
    seen.told = event;
    seen.told_at = now;
    notices.push_back({&row, role, event});
  };
  for (const ServiceRow& row : report.services) {
    judge(row, Role::Main, row.main);
    if (row.log) judge(row, Role::Log, *row.log);
  }
  // Who goes and comes back is told of no more often than others.
  std::erase_if(seen_, [&](const auto& each) {
    return each.second.look != looks_ && now - each.second.told_at >= pause_;
  });
  return notices;
}

}  // namespace kindred
