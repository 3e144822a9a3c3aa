#pragma once
// Variables are replaced in the words of a command line, all at once. Pure.
//
//   reference     ${NAME} or $NAME, NAME the longest run of bytes other than \ $ { }; it counts where all of NAME is
//                 a variable
//   backslashes   directly before such a one, of k remain k/2; if k is odd it stays as text
//   words         a word is repeated for each word of the variable, the leftmost reference varying slowest; for none
//                 it vanishes
//
// Source: interfaces/execline.md section 6.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::execline {

struct Variable {
  std::string name;
  std::vector<std::string> words;
};

/// No two of one name, none without.
[[nodiscard]] bool are_good_keys(std::span<const Variable> variables);

/// What becomes of the words; those that stay as they are, are the same, new ones are made by `keep`. nullopt: they
/// would have more than `most` bytes, with their NULs and pointers.
[[nodiscard]] std::optional<std::vector<char*>> substitute(std::span<char* const> words,
                                                           std::span<const Variable> variables,
                                                           std::size_t most,
                                                           const std::function<char*(std::string)>& keep);

}  // namespace kindred::execline
