// svstat DIR...: one line about each service, on standard output, trouble included.
// Source: interfaces/daemontools.md section 7.3.

#include <fcntl.h>

#include "compat-daemontools/cli/status_text.h"
#include "compat-daemontools/dialect.h"
#include "compat-daemontools/programs.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "core/sys/clock.h"

namespace kindred::daemontools {
namespace {

std::string unable(const Error& error) {
  std::string text = "unable to ";
  return text.append(error.operation).append(" ").append(error.object).append(": ").append(why(error));
}

/// What follows "DIR: ".
std::string describe(const char* path, const KnownFamilies& families) {
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  if (!directory) return "unable to chdir: " + std::string(why(directory.error()));
  const auto normally_down = directory->has("down");
  if (!normally_down) return unable(normally_down.error());
  const auto supervised = directory->supervised(families);
  if (!supervised) return unable(supervised.error());
  if (!*supervised) return "supervise not running";
  const auto seen = directory->observe(families);
  if (!seen) return unable(seen.error());
  return status_text(seen->status.snapshot.main, *normally_down, SystemClock().now().wall);
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
