#pragma once
// Words and command lines as the scripts that the conversions write have them.
// Source: interfaces/nosh-system.md section 8.2.

#include <string>
#include <string_view>

namespace kindred::nosh {

/// As one word of a nosh script: as it is, or in "…" where it has any byte but letters, digits and "/-_.".
[[nodiscard]] std::string script_word(std::string_view word);

/// A unit's command in a nosh script: as it is, or a shell's where it has variables for one.
[[nodiscard]] std::string script_command(std::string_view command);
/// … in a shell's script.
[[nodiscard]] std::string shell_command(std::string_view command);

}  // namespace kindred::nosh
