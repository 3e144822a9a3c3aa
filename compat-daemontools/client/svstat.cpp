// svstat DIR...: one line about each service, on standard output, trouble included.
// Source: interfaces/daemontools.md section 7.3.

#include "compat-daemontools/dialect.h"
#include "compat-daemontools/programs.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/frontend/status_text.h"
#include "core/sys/clock.h"

namespace kindred::daemontools {
namespace {

/// What follows "DIR: ".
std::string describe(const char* path, const KnownFamilies& families) {
  const Look look = look_at(path, families);
  if (!look.seen) return look.trouble;
  return status_text(look.seen->status.snapshot.main, look.normally_down, SystemClock().now().wall);
}

}  // namespace

int svstat_main(int argc, char** argv) {
  const KnownFamilies known{dialect(), families()};
  Output out;
  for (int i = 1; i < argc; ++i) out.add(argv[i]).add(": ").add(describe(argv[i], known)).add("\n");
  const Status written = out.flush();
  return written ? 0 : fatal("svstat", written.error());
}

}  // namespace kindred::daemontools
