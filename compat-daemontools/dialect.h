#pragma once

#include "core/dialect/dialect.h"

namespace kindred::daemontools {

/// daemontools 0.76 as Debian packages it (1:0.76-8.1).
[[nodiscard]] const Dialect& dialect();

}  // namespace kindred::daemontools
