#pragma once
// Chain loading: this process becomes another program.

namespace kindred {

/// Replaces this process by `file`, searched for in PATH unless it has a slash, as the family does it: an
/// unset PATH is /bin:/usr/bin, an empty element the working directory; what may not be executed is passed
/// over, but remembered; no shell is tried for a file that the kernel does not know. Returns only on failure:
/// the errno. `environment` becomes the program's, PATH is this process's; null: all of it is this process's. `path`
/// is searched instead of PATH; null: PATH.
[[nodiscard]] int execute(const char* file, char* const argv[], char* const environment[] = nullptr,
                          const char* path = nullptr);

}  // namespace kindred
