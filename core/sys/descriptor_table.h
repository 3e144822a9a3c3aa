#pragma once
// What a process has open without having opened it: what came with it; and what stands in for nothing.

#include "core/sys/unique_fd.h"

namespace kindred {

/// /dev/null; where there is none, what can be neither read nor written. Errors: errno, that of /dev/null.
[[nodiscard]] UniqueFd open_nothing() noexcept;
/// The descriptor becomes that, and is inherited.
[[nodiscard]] bool take_nothing(int fd) noexcept;

/// Standard descriptors that did not come with us become that, before what we open takes their numbers and is
/// then a service's.
[[nodiscard]] bool take_missing_standard_descriptors() noexcept;

/// 2, if there is none above the standard ones.
[[nodiscard]] int highest_open_descriptor() noexcept;

/// Nothing from `first` on goes to what is executed from now on.
void close_on_exec_from(int first) noexcept;

/// What a program that was executed now would not have.
void close_what_exec_closes() noexcept;

}  // namespace kindred
