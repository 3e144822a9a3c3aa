#pragma once
// What the kernel says of a process that is not our child.

#include <signal.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

struct ProcessFacts {
  std::uint64_t start_ticks = 0;  ///< clock ticks after boot, sysconf(_SC_CLK_TCK) a second
  pid_t parent = 0;
  bool zombie = false;
  bool ends = false;  ///< it executes nothing any more, but may have children and hold locks for a moment yet
};
/// nullopt if there is no such process, or if /proc is missing. One that has ended and was not reaped is there.
[[nodiscard]] std::optional<ProcessFacts> facts_of_any(pid_t pid) noexcept;
/// Likewise, and if it is a zombie.
[[nodiscard]] std::optional<ProcessFacts> facts_of(pid_t pid) noexcept;

/// The numbers of that process's children, those among them that have ended and were not reaped, oldest first. Errors:
/// the kernel keeps no such list, or there is no such process.
[[nodiscard]] Result<std::vector<pid_t>> numbers_of_children(pid_t pid);

/// Whether there is a /proc to ask.
[[nodiscard]] bool sees_processes() noexcept;

/// Whether it has a user that a process of ours could have come to have: root's may be anybody's, another's
/// are such as may be sent signals (kill(2)), whatever they have executed.
[[nodiscard]] bool may_be_ours(pid_t pid) noexcept;

/// Whether it leads a process group. One of our children that has ended does until it is reaped.
[[nodiscard]] bool leads_group(pid_t pid) noexcept;

/// A descriptor that becomes readable when the process ends; none where there is no such process, or the
/// kernel (before 5.3) has no such thing.
[[nodiscard]] UniqueFd open_process(pid_t pid) noexcept;

/// How a child ended, from what waitid(2) tells, in the form of wait(2).
[[nodiscard]] std::int32_t wait_status_of(const siginfo_t& ended) noexcept;

/// The pipe that is descriptor `fd` of that process, opened for both directions, if it has this inode.
[[nodiscard]] UniqueFd open_pipe_of(pid_t pid, int fd, std::uint64_t inode) noexcept;

}  // namespace kindred
