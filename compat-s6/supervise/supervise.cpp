// s6-supervise DIR. Source: interfaces/s6.md section 7.

#include "compat-s6/client/command_line.h"
#include "compat-s6/dialect.h"
#include "compat-s6/programs.h"
#include "core/dialect/registry.h"
#include "core/engine/single_service.h"

namespace kindred::s6 {

int supervise_main(int argc, char** argv) {
  if (argc < 2) return usage("s6-supervise", "s6-supervise dir");
  return supervise_single({.home = &dialect(), .families = families(), .directory = argv[1]});
}

}  // namespace kindred::s6
