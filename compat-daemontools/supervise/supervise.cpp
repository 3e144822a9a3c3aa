// supervise DIR. Source: interfaces/daemontools.md section 5.

#include "compat-daemontools/dialect.h"
#include "compat-daemontools/programs.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/engine/single_service.h"

namespace kindred::daemontools {

int supervise_main(int argc, char** argv) {
  if (argc != 2) {
    print_error({"supervise: usage: supervise dir"});
    return kExitUsage;
  }
  return supervise_single({.home = &dialect(), .families = families(), .directory = argv[1]});
}

}  // namespace kindred::daemontools
