#pragma once
// POSIX record locks, asked about from outside.

#include "core/base/result.h"

namespace kindred {

/// Whether another process holds a record lock on the regular file, or anybody an open-file-description lock.
/// Asking takes no lock and waits for nothing. Errors: open's, EINVAL for anything but a regular file.
[[nodiscard]] Result<bool> is_locked(int at, const char* path);

}  // namespace kindred
