// tai64nlocal [-l] [FILE...]: shows time stamps as local time. Source: interfaces/nosh.md section 18.

#include "compat-nosh/client/options.h"
#include "compat-nosh/log/programs.h"
#include "compat-nosh/log/stamp_files.h"
#include "core/cli/program.h"

namespace kindred::nosh {

int tai64nlocal_main(int argc, char** argv) {
  constexpr Option kOptions[] = {{'l', "leap-seconds", "stamps count leap seconds, as they always do"}};
  const Arguments arguments = parse_arguments(argc, argv, kOptions, "[FILE...]");
  if (arguments.exit) return *arguments.exit;
  StampReader reader(
      {.offset = TaiOffset::LeapTable, .all_digits = false, .capitals = true, .completes_last = true});
  return filter_files(base_name(argv[0]), arguments.operands, reader);
}

}  // namespace kindred::nosh
