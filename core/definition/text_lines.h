#pragma once
// Lines of files in which blanks at both ends, empty lines and those that begin with # mean nothing. Pure.

#include <algorithm>
#include <string_view>

namespace kindred {

[[nodiscard]] inline std::string_view without_blanks_around(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kBlanks)));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);  // npos + 1 is 0
}

/// Calls `use(line, number)` with each line that means something.
template <class Use>
void for_each_line(std::string_view text, Use use) {
  for (unsigned number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::string_view bare = without_blanks_around(line);
    if (!bare.empty() && bare[0] != '#') use(bare, number);
  }
}

}  // namespace kindred
