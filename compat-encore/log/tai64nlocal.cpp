// tai64nlocal: stamps made readable; arguments are ignored, errors not named. A stamp with which the input ends is
// not shown. Source: interfaces/daemontools.md section 9; the recorded case encore/chain-tai64.t.

#include "compat-encore/log/programs.h"
#include "core/log/stamp_filter.h"

namespace kindred::encore {

int tai64nlocal_main(int, char**) {
  StampReader reader(
      {.offset = TaiOffset::Constant10, .all_digits = true, .at_end = StampReaderRules::AtEnd::Dropped});
  return run_filter("tai64nlocal", reader, nullptr);
}

}  // namespace kindred::encore
