#include "compat-daemontools/convention.h"

#include "core/service/supervise_life.h"

namespace kindred::daemontools {

// The life that others build on is this family's, whole. Source: interfaces/daemontools.md sections 4 and 5.
constinit const GroupConvention kConvention{.main = supervised_run()};

}  // namespace kindred::daemontools
