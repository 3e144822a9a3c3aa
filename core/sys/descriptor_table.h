#pragma once
// What a process has open without having opened it: what came with it.

namespace kindred {

/// 2, if there is none above the standard ones.
[[nodiscard]] int highest_open_descriptor() noexcept;

/// Nothing from `first` on goes to what is executed from now on.
void close_on_exec_from(int first) noexcept;

}  // namespace kindred
