#pragma once
// A file mode mask in words. Pure. Source: interfaces/execline.md section 15.

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace kindred::execline {

/// Octal digits, or clauses as chmod's that change what `mask` lets through: "u=rwx,g+w,go-rx,g=u".
[[nodiscard]] std::optional<mode_t> parse_mask(std::string_view text, mode_t mask);
/// "u=rwx,g=rx,o=rx".
[[nodiscard]] std::string symbolic_mask(mode_t mask);

/// The path of `directory` as seen from `from`, without "." and ".." as far as the text tells.
[[nodiscard]] std::string canonical_path(std::string_view from, std::string_view directory);

}  // namespace kindred::execline
