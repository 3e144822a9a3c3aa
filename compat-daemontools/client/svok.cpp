// svok DIR: whether a supervisor looks after DIR, by exit code. Source: interfaces/daemontools.md
// section 7.2.

#include "core/frontend/svok.h"

#include "compat-daemontools/dialect.h"
#include "compat-daemontools/programs.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"

namespace kindred::daemontools {

int svok_main(int argc, char** argv) {
  if (argc < 2) {
    print_error({"svok: usage: svok dir"});
    return kExitUsage;
  }
  return svok("svok", argv[1], {dialect(), families()});
}

}  // namespace kindred::daemontools
