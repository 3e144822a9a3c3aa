#pragma once
// Text from outside, for a terminal.

#include <string>
#include <string_view>

namespace kindred {

/// Control characters and bytes that are no UTF-8 become \xHH, so that nothing steers the terminal and nothing is lost.
[[nodiscard]] std::string printable(std::string_view text);

/// Likewise but for tabs; the text itself where there is nothing of the kind.
void append_printable(std::string& out, std::string_view text);

/// How many places it takes on a terminal: characters, those of East Asian scripts and pictures two, marks on others none.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// So much of it that it takes `places` at the most; what is cut off is told by an ellipsis.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t places);

}  // namespace kindred
