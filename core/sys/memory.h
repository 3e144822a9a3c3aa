#pragma once

#include <cstddef>

#include "core/sys/unique_fd.h"

namespace kindred {

/// Shares the file, and holds a lock on it for as long as it lasts, here alone: a process that is forked has neither.
/// Errors: null, and errno.
[[nodiscard]] void* map_for_us_alone(int file, std::size_t size, int protection) noexcept;

/// A file of no name and no disk, for whoever shares its descriptor. Errors: none, and errno.
[[nodiscard]] UniqueFd make_memory(const char* title) noexcept;
[[nodiscard]] bool is_memory(int fd) noexcept;

/// Gives back the pages of all loaded code and constants, and free heap; what is still needed comes back as
/// it was. For a process that runs for years after a start that needed much more than what follows. Of
/// libraries too: who shares them with us is nothing to count on.
void release_start_up_pages() noexcept;

}  // namespace kindred
