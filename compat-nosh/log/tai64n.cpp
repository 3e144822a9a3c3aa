// tai64n [FILE...]: puts a time stamp before each line. Source: interfaces/nosh.md section 18.

#include "compat-nosh/client/options.h"
#include "compat-nosh/log/programs.h"
#include "compat-nosh/log/stamp_files.h"
#include "core/cli/program.h"

namespace kindred::nosh {

int tai64n_main(int argc, char** argv) {
  const Arguments arguments = parse_arguments(argc, argv, {}, "[FILE...]");
  if (arguments.exit) return *arguments.exit;
  const SystemClock clock;
  StampAdder adder({.stamp = StampKind::Tai, .completes_last = true}, clock);
  return filter_files(base_name(argv[0]), arguments.operands, adder);
}

}  // namespace kindred::nosh
