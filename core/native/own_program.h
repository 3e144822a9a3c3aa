#pragma once
// Programs of kindred's that another of them executes.

#include <string>
#include <vector>

namespace kindred {

/// Where it may be, by its path below libexec/kindred and by that from here in the build tree: beside this program as it is
/// installed or built, and where this build is to be installed. All are absolute: without /proc the last alone.
[[nodiscard]] std::vector<std::string> own_program_paths(const std::string& installed,
                                                         const std::string& built);

}  // namespace kindred
