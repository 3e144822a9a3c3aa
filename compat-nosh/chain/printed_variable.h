#pragma once
// A variable's value as printenv shows it. Pure. Source: interfaces/nosh-system.md section 4.3.

#include <cstdint>
#include <string>
#include <string_view>

namespace kindred::nosh {

enum class PrintForm : std::uint8_t {
  Lines,
  Nul,
  EnvironmentDirectory,  ///< newlines as NULs
  Configuration,         ///< quoted for read-conf and for sh
};

/// With its terminator.
[[nodiscard]] std::string printed_value(std::string_view value, PrintForm form);
/// As one word of a file for read-conf, and of a shell's command.
[[nodiscard]] std::string quoted_value(std::string_view value);

}  // namespace kindred::nosh
