#pragma once

#include "core/dialect/dialect.h"

namespace kindred::nosh {

/// nosh 1.40.
[[nodiscard]] const Dialect& dialect();

/// The same, for who is given a supervise directory itself: its manager, and clients that have found it.
[[nodiscard]] const Dialect& supervise_dialect();

}  // namespace kindred::nosh
