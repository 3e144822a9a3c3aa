// multilog ACTION...: writes lines to log directories. Source: interfaces/daemontools.md section 8.

#include "core/log/multilog.h"

#include "compat-daemontools/log/programs.h"

namespace kindred::daemontools {

int multilog_main(int argc, char** argv) {
  constexpr MultilogDialect kDialect;
  return run_multilog(argc, argv, kDialect);
}

}  // namespace kindred::daemontools
