#pragma once
// What the kernel says of a process that is not our child.

#include <sys/types.h>

#include "core/base/time.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// A descriptor that becomes readable when the process ends, if there is such a process and it began within
/// `tolerance` of `since`: a pid alone may have been given to another process meanwhile.
[[nodiscard]] UniqueFd open_process_started_at(pid_t pid, WallTime since, Duration tolerance);

/// The pipe that is descriptor `fd` of that process, opened for both directions; nothing if it is no pipe.
[[nodiscard]] UniqueFd open_pipe_of(pid_t pid, int fd);

}  // namespace kindred
