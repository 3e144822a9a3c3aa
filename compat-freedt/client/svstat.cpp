// svstat DIR...: one line about each service, on standard output. Source: interfaces/freedt.md section 6.3.

#include <fcntl.h>

#include "compat-freedt/client/stranger.h"
#include "compat-freedt/dialect.h"
#include "compat-freedt/programs.h"
#include "compat-freedt/voice.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/frontend/status_text.h"
#include "core/sys/clock.h"

namespace kindred::freedt {

int svstat_main(int argc, char** argv) {
  constexpr const char* kUsage = "svstat: usage: svstat dir [dir ...]";
  if (const auto code = answered(argc, argv, "svstat", kUsage)) return *code;
  const auto operands = operands_alone(argc, argv);
  if (!operands) return misused(kUsage);
  const KnownFamilies known{dialect(), families()};
  const WallTime now = SystemClock().now().wall;
  Output out;
  int result = 0;
  for (const char* const path : *operands) {
    const auto directory = ServiceDirectory::open(AT_FDCWD, path);
    std::string text;
    if (directory && held_by_stranger(*directory, known)) {
      text = "freedt's own supervise is there, whose status cannot be read";
      result = kExitFatal;
    } else {
      const Look look = look_at(path, known);
      text = look.seen ? status_text(look.seen->status.snapshot.main, look.normally_down, now) : look.trouble;
    }
    out.add(path).add(": ").add(text).add("\n");
  }
  const Status written = out.flush();
  return written ? result : fatal("svstat", written.error());
}

}  // namespace kindred::freedt
