#pragma once
// POSIX record locks on whole files. Such a lock is the process's own: the kernel tells others who holds it,
// and it is lost when the process closes any descriptor of the file.

#include <sys/types.h>

#include <string_view>

#include "core/base/result.h"

namespace kindred {

/// Whether another process holds a record lock on the regular file, or anybody an open-file-description lock.
/// Asking takes no lock and waits for nothing. Errors: open's, EINVAL for anything but a regular file.
[[nodiscard]] Result<bool> is_locked(int at, const char* path);
/// Likewise, for an open file. Errors: object `name`.
[[nodiscard]] Result<bool> is_locked(int fd, std::string_view name);

/// Errors: EAGAIN where another process holds one; operation "lock", object `name`.
[[nodiscard]] Status take_record_lock(int fd, std::string_view name);
/// The process that holds a write lock on the file; 0: none does, or one that is not a process's own.
[[nodiscard]] Result<pid_t> record_lock_owner(int fd, std::string_view name);

}  // namespace kindred
