// tai64n: a stamp before each line; arguments are ignored, errors not named. Source: interfaces/daemontools.md section 9.

#include "compat-encore/log/programs.h"
#include "core/log/stamp_filter.h"

namespace kindred::encore {

int tai64n_main(int, char**) {
  const SystemClock clock;
  StampAdder adder({.stamp = StampKind::Tai10, .completes_last = false}, clock);
  return run_filter("tai64n", adder, nullptr);
}

}  // namespace kindred::encore
