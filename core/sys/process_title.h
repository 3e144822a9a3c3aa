#pragma once
// What others see of this process in the process list.

namespace kindred {

/// From now on the process is called `name` (15 bytes of it where only so many are shown), and its command line reads
/// "name rest", as far as there is room where its arguments were: what of them is needed has been copied.
void show_in_process_list(const char* name, const char* rest) noexcept;

/// As main() was given them; null where that is not known.
[[nodiscard]] char** own_arguments() noexcept;

}  // namespace kindred
