#pragma once

#include "core/dialect/dialect.h"

namespace kindred::s6 {

/// s6 2.11.3.2 as Debian packages it (2.11.3.2-1).
[[nodiscard]] const Dialect& dialect();

}  // namespace kindred::s6
