#pragma once
// Where a program of s6's author looks for the one that it becomes. Source: interfaces/execline.md sections 2 and 19,
// interfaces/s6.md section 13.1.

#include <cerrno>

#include "core/sys/execute.h"

namespace kindred::s6 {

inline constexpr SearchRules kProgramSearch{.default_path = "/usr/bin:/bin",
                                            .empty_is_here = false,
                                            .passes_over_files = true,
                                            .no_element = ENOTDIR,  // 126: the originals say "Success"
                                            .seeks_empty_name = true};

}  // namespace kindred::s6
