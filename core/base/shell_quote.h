#pragma once

#include <string>
#include <string_view>

namespace kindred {

/// As one word of a shell's command, whatever is in it.
[[nodiscard]] inline std::string shell_quoted(std::string_view word) {
  std::string text = "'";
  for (const char c : word)
    if (c == '\'')
      text += "'\\''";
    else
      text += c;
  return text + "'";
}

}  // namespace kindred
