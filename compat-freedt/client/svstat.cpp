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
  const KnownFamilies known{dialect(), families()};
  const WallTime now = SystemClock().now().wall;
  Output out;
  int result = 0;
  for (int i = 1; i < argc; ++i) {
    const auto directory = ServiceDirectory::open(AT_FDCWD, argv[i]);
    std::string text;
    if (directory && held_by_stranger(*directory, known)) {
      text = "freedt's own supervise is there, whose status cannot be read";
      result = kExitFatal;
    } else {
      const Look look = look_at(argv[i], known);
      text = look.seen ? status_text(look.seen->status.snapshot.main, look.normally_down, now) : look.trouble;
    }
    out.add(argv[i]).add(": ").add(text).add("\n");
  }
  const Status written = out.flush();
  return written ? result : fatal("svstat", written.error());
}

}  // namespace kindred::freedt
