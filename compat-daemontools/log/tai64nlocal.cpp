// tai64nlocal: stamps made readable; arguments are ignored, errors not named. Source: interfaces/daemontools.md section 9.

#include "compat-daemontools/log/programs.h"
#include "core/log/stamp_filter.h"

namespace kindred::daemontools {

int tai64nlocal_main(int, char**) {
  StampReader reader({.offset = TaiOffset::Constant10, .all_digits = true});
  return run_filter("tai64nlocal", reader, nullptr);
}

}  // namespace kindred::daemontools
