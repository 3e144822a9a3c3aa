#pragma once

#include "core/dialect/dialect.h"

namespace kindred::freedt {

/// freedt 0.21 to 24, as far as it can be known, and kindred's own choice beyond.
[[nodiscard]] const Dialect& dialect();

}  // namespace kindred::freedt
