// s6-tai64nlocal [-g]: stamps made readable. Source: interfaces/s6.md section 13.

#include "compat-s6/log/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/log/stamp_filter.h"

namespace kindred::s6 {

int tai64nlocal_main(int argc, char** argv) {
  constexpr const char* kProgram = "s6-tai64nlocal";
  StampReaderRules rules{.offset = TaiOffset::LeapTable,
                         .all_digits = false,
                         .capitals = true,
                         .before_1970 = false,
                         .at_end = StampReaderRules::AtEnd::Kept};
  Options options(argc, argv, "g", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (letter != 'g') {
      print_error({kProgram, ": usage: ", kProgram, " [ -g ]"});
      return kExitUsage;
    }
    rules.local = false;
  }
  StampReader reader(rules);
  return run_filter(kProgram, reader, system_error_text);
}

}  // namespace kindred::s6
