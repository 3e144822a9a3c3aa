#pragma once
// A look at a few descriptors, for a process that has no event loop.

#include <poll.h>

#include <span>

#include "core/base/result.h"

namespace kindred {

/// As poll(2): how many of them are ready, within so many milliseconds (-1: without end). Where a container's profile
/// refuses that call it is ppoll(2). Errors: -1 and errno.
[[nodiscard]] int wait_for_any(std::span<pollfd> watched, int milliseconds) noexcept;

/// Errors: where neither call is permitted. Who goes on all the same is busy for ever.
[[nodiscard]] Status may_wait() noexcept;

}  // namespace kindred
