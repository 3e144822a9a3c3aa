#pragma once

#include "core/dialect/evidence.h"

namespace kindred {

/// Looks at what lies in a service directory, from its first entry; runs nothing, reads no file.
[[nodiscard]] DirectoryShape shape_of(int directory);

}  // namespace kindred
