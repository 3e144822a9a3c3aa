#pragma once

#include "core/dialect/dialect.h"

namespace kindred::runit {

/// runit 2.1.2 as Debian packages it (2.1.2-54).
[[nodiscard]] const Dialect& dialect();

}  // namespace kindred::runit
