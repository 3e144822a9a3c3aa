#include "core/frontend/status_text.h"

#include <fcntl.h>

#include "core/client/age.h"

namespace kindred {
namespace {

Look trouble(std::string text) { return {std::move(text), false, std::nullopt}; }

Look unable(const Error& error) {
  std::string text = "unable to ";
  return trouble(
      text.append(error.operation).append(" ").append(error.object).append(": ").append(why(error)));
}

}  // namespace

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

Look look_at(const ServiceDirectory& directory, const KnownFamilies& families) {
  const Dialect& supervisor = *directory.supervisor(families);
  const auto normally_down = directory.normally_down(supervisor);
  if (!normally_down) return unable(normally_down.error());
  const auto supervised = directory.supervised(supervisor.layout);
  if (!supervised) return unable(supervised.error());
  if (!*supervised) return trouble("supervise not running");
  const auto seen = directory.observe(families);
  if (!seen) return unable(seen.error());
  return {{}, *normally_down, *seen};
}

Look look_at(const char* path, const KnownFamilies& families) {
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  if (!directory) return trouble("unable to chdir: " + std::string(why(directory.error())));
  return look_at(*directory, families);
}

}  // namespace kindred
