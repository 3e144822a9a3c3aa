#include "compat-perp/client/status_text.h"

#include "compat-perp/words.h"

namespace kindred::perp {
namespace {

std::string seconds(std::uint64_t count) { return std::to_string(count) + " seconds"; }

std::string half_text(const StatusRecord& half, WallTime never, WallTime now) {
  const std::string once = half.once ? ", flagged once" : "";
  if (half.pid == 0) {
    // One that has never run has been down since the service was activated.
    const WallTime since = latest_fork(half);
    return "down " + seconds(seconds_between(since == WallTime{} ? never : since, now)) +
           (half.want == Want::Down ? "" : ", want up!") + once;
  }
  const std::uint64_t age = uptime(half, now);
  if (age == 0 && !in_reset(half)) return "down, want up!" + once;
  return (in_reset(half) ? "resetting " : "up ") + seconds(age) + " (pid " + std::to_string(half.pid) + ")" +
         (half.paused ? ", paused" : "") + once;
}

}  // namespace

std::uint64_t uptime(const StatusRecord& half, WallTime now) {
  return seconds_between(latest_fork(half), now);
}

std::string status_text(std::string_view name, const ServiceStatus& status, const Dialect* foreign,
                        WallTime now) {
  std::string text(name);
  text += ": activated ";
  if (foreign != nullptr)
    text.append("by ").append(foreign->name);
  else
    text += seconds(seconds_between(status.activated, now));
  if (status.deactivating()) text += ", deactivation in progress";
  if (status.reactivating) text += ", flagged for reactivation";
  const GroupSnapshot& group = status.snapshot;
  text += "\n  main: " + half_text(group.main, status.activated, now);
  text += "\n   log: " + (group.log ? half_text(*group.log, status.activated, now) : "(no log)");
  return text += "\n";
}

}  // namespace kindred::perp
