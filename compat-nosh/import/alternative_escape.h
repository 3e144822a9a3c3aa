#pragma once
// Names of units, escaped in nosh's own way. Source: interfaces/nosh-system.md section 10.

#include <string>
#include <string_view>

namespace kindred::nosh {

/// Hyphens are themselves, and what has a letter of its own is a backslash and that
/// letter, unless there are no such sequences; other bytes are "\xHH".
[[nodiscard]] std::string alternatively_escaped_name(std::string_view name, bool sequences);

/// The reverse; a letter that no byte has stands for itself.
[[nodiscard]] std::string alternatively_unescaped_name(std::string_view name, bool sequences);

}  // namespace kindred::nosh
