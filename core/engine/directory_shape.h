#pragma once

#include "core/dialect/evidence.h"

namespace kindred {

/// Looks at what lies in a service directory; runs and reads nothing.
[[nodiscard]] DirectoryShape shape_of(int directory);

}  // namespace kindred
