#pragma once
// How a value becomes the words of a variable. Pure. Source: interfaces/execline.md section 7.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::execline {

struct ValueRules {
  bool crunches = false;  ///< of delimiters one after the other only the first stays
  bool chomps = false;    ///< one delimiter at the end goes; without one, what splits drops the last word
  bool splits = false;    ///< else it is one word
  std::string delimiters = " \n\r\t";  ///< none: what splits takes netstrings
};

/// nullopt: not netstrings.
[[nodiscard]] std::optional<std::vector<std::string>> words_of(std::string_view value,
                                                               const ValueRules& rules);

/// "3:abc," at the beginning of `text`, which loses it. nullopt: there is none.
[[nodiscard]] std::optional<std::string_view> take_netstring(std::string_view& text);
/// Whether more bytes could make it one.
[[nodiscard]] bool may_begin_netstring(std::string_view text);
[[nodiscard]] std::string netstring(std::string_view word);

}  // namespace kindred::execline
