#include "compat-freedt/convention.h"

#include "core/service/supervise_life.h"

// Each line with its source in interfaces/freedt.md, whose section 6.3 takes daemontools' supervise for what
// the documents leave open. 3.3: x leaves as soon as the service is down, X at once: nothing is signalled,
// nothing is written. Section 4: 0.70's manual says one start a second.

namespace kindred::freedt {
namespace {

constexpr Convention main_process() {
  Convention c = supervised_run();
  // 3.2: the child leads a session of its own.
  c.own_session = true;
  return c;
}

}  // namespace

constinit const GroupConvention kConvention{.main = main_process()};

}  // namespace kindred::freedt
