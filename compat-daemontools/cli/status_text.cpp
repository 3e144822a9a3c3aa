#include "compat-daemontools/cli/status_text.h"

#include "core/client/age.h"

namespace kindred::daemontools {

std::string status_text(const StatusRecord& record, bool normally_down, WallTime now) {
  const bool up = record.pid != 0;
  // Four bytes, unsigned: a record may hold a pid that no kernel gives.
  std::string text =
      up ? "up (pid " + std::to_string(static_cast<std::uint32_t>(record.pid)) + ") " : "down ";
  text += std::to_string(age_in_seconds(record.pid_changed, now)) + " seconds";
  if (up && normally_down) text += ", normally down";
  if (!up && !normally_down) text += ", normally up";
  if (up && record.paused) text += ", paused";
  if (!up && record.want == Want::Up) text += ", want up";
  if (up && record.want == Want::Down) text += ", want down";
  return text;
}

}  // namespace kindred::daemontools
