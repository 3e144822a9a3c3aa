#pragma once

#include "core/dialect/dialect.h"

namespace kindred::encore {

/// daemontools-encore 1.11.
[[nodiscard]] const Dialect& dialect();

}  // namespace kindred::encore
