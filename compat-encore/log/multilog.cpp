// multilog ACTION...: writes lines to log directories. Source: interfaces/encore.md section 11.

#include "core/log/multilog.h"

#include "compat-encore/log/programs.h"

namespace kindred::encore {

int multilog_main(int argc, char** argv) {
  constexpr MultilogDialect kDialect = {
      .largest = 2147483647, .seconds_stamp = true, .globs = true, .suffixes = true};
  return run_multilog(argc, argv, kDialect);
}

}  // namespace kindred::encore
