#pragma once
// What tai64n and tai64nlocal do alike. Source: interfaces/nosh.md section 18.

#include <span>
#include <string_view>

#include "core/log/stamp_filter.h"

namespace kindred::nosh {

/// Each file, or standard input where there are none, to standard output; each ends its last line. Exit codes: 0;
/// 100 for a file that cannot be opened, 111 for one that cannot be read, or where output cannot be written.
[[nodiscard]] int filter_files(std::string_view program, std::span<char* const> files, TextFilter& filter);

}  // namespace kindred::nosh
