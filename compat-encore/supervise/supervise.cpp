// supervise DIR. Source: interfaces/encore.md sections 2, 5 and 8.

#include <cstdlib>

#include "compat-encore/location.h"
#include "compat-encore/programs.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/engine/single_service.h"

namespace kindred::encore {

int supervise_main(int argc, char** argv) {
  if (argc != 2) {
    print_error({"supervise: usage: supervise dir"});
    return kExitUsage;
  }
  const char* const location = std::getenv("SUPERVISEDIR");
  if (location != nullptr && *location == '\0')
    return fatal("supervise", {"unable to create : file does not exist"});
  const Home home(argv[1]);
  Dialect dialect = home.dialect();
  // It stands in the service directory by then, and says so; a scanner's core has to say which it is.
  dialect.wording.locked = dialect.wording.not_lockable =
      "supervise: fatal: unable to acquire {object}: {why}";
  return supervise_single({.home = &dialect, .families = families(), .directory = argv[1]});
}

}  // namespace kindred::encore
