#pragma once

#include "core/dialect/dialect.h"

namespace kindred::perp {

/// perp 2.07. Its services have no supervise directory: perpd answers for all of them at one socket.
[[nodiscard]] const Dialect& dialect();

}  // namespace kindred::perp
