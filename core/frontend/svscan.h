#pragma once
// svscan [DIR], as it was from the beginning: it starts what is there, and TERM ends it as it ends any
// program. The core and its services stay, and the next svscan of the directory takes them on.

#include "core/dialect/dialect.h"

namespace kindred {

/// Scans the directory, the working one if it is null, which becomes the working directory: others look for
/// this program by that. Returns the exit code.
[[nodiscard]] int scan_like_svscan(const Dialect& home, const char* directory);

}  // namespace kindred
