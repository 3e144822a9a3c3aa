// runsv DIR. Source: interfaces/runit.md sections 2 and 5.

#include "compat-runit/dialect.h"
#include "compat-runit/programs.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/engine/single_service.h"

namespace kindred::runit {

int runsv_main(int argc, char** argv) {
  if (argc != 2) {
    print_error({"usage: runsv dir\n"});
    return 1;
  }
  return supervise_single({.home = &dialect(), .families = families(), .directory = argv[1]});
}

}  // namespace kindred::runit
