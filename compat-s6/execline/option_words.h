#pragma once
// A script's arguments as options, by a string of letters. Pure. Source: interfaces/execline.md section 14.

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace kindred::execline {

struct OptionWords {
  std::map<char, std::string> values;  ///< of each letter that was given; the last one wins
  std::size_t used = 0;                ///< words that were options, or belonged to them
  char unknown = 0;                    ///< a letter that there is not; then nothing else counts
  char without_argument = 0;           ///< … or that lacks what it needs
};

/// `letters` as getopt's: one that takes an argument is followed by ':'; one without has the value `fallback`. Where the
/// string begins with ':', a missing argument is told by the letter ':'.
[[nodiscard]] OptionWords read_options(std::span<const std::string> words, std::string_view letters,
                                       std::string_view fallback);

}  // namespace kindred::execline
