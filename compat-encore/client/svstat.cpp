// svstat [-L] [-l] DIR...: one line about each service, and one about its log, on standard output, trouble
// included. Source: interfaces/encore.md section 10.2.

#include <fcntl.h>

#include "compat-encore/client/role_status.h"
#include "compat-encore/location.h"
#include "compat-encore/programs.h"
#include "core/cli/output.h"
#include "core/frontend/status_text.h"
#include "core/sys/clock.h"

namespace kindred::encore {
namespace {

void describe(const char* path, RolesAsked asked, Output& out) {
  const auto line = [&](const char* role, const std::string& text) {
    out.add(path).add(role).add(": ").add(text).add("\n");
  };
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  if (!directory) return line("", "unable to chdir: " + std::string(why(directory.error())));
  const Home home(path);
  const KnownFamilies known = home.known();
  const Look look = look_at(*directory, known);
  if (!look.seen) return line("", look.trouble);
  const PairStatus pair = pair_status(*directory, *look.seen, known);
  const WallTime now = SystemClock().now().wall;
  if (asked.main) line("", role_text(pair.main, look.normally_down, now));
  if (asked.log && pair.log) line(" log", role_text(*pair.log, look.normally_down, now));
  if (!asked.main && !pair.log) line("", "no log service");
}

int usage() {
  print_error({"svstat: usage: svstat [-L] [-l] dir [dir ...]"});
  return kExitUsage;
}

}  // namespace

int svstat_main(int argc, char** argv) {
  Options options(argc, argv, kRoleOptions, LongDashes::All);
  const std::optional<RolesAsked> asked = roles_asked(options);
  if (!asked || options.operands().empty()) return usage();
  Output out;
  for (const char* path : options.operands()) describe(path, *asked, out);
  const Status written = out.flush();
  return written ? 0 : fatal("svstat", written.error());
}

}  // namespace kindred::encore
