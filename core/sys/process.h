#pragma once
// What the kernel says of a process that is not our child.

#include <sys/types.h>

#include "core/base/time.h"
#include "core/dialect/scan_rules.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// A descriptor that becomes readable when the process ends, if it is still the one that was started at
/// `since` in `directory`: a pid alone may have been given to another process meanwhile. It is if it began
/// within `tolerance` of then, or, since the clock may have been set, if it works there.
[[nodiscard]] UniqueFd open_recorded_process(pid_t pid, WallTime since, Duration tolerance,
                                             const DirectoryId& directory);

/// The pipe that is descriptor `fd` of that process, opened for both directions; nothing if it is no pipe.
[[nodiscard]] UniqueFd open_pipe_of(pid_t pid, int fd);

}  // namespace kindred
