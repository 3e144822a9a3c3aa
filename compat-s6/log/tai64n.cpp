// s6-tai64n: a stamp before each line; arguments are ignored. Source: interfaces/s6.md section 13.

#include "compat-s6/log/programs.h"
#include "core/log/stamp_filter.h"

namespace kindred::s6 {

int tai64n_main(int, char**) {
  const SystemClock clock;
  StampAdder adder({.stamp = StampKind::Tai, .completes_last = true}, clock);
  return run_filter("s6-tai64n", adder, system_error_text);
}

}  // namespace kindred::s6
