#include "compat-s6/execline/option_words.h"

namespace kindred::execline {

OptionWords read_options(std::span<const std::string> words, std::string_view letters,
                         std::string_view fallback) {
  OptionWords result;
  const bool tells_missing = letters.starts_with(':');
  while (result.used < words.size()) {
    std::string_view word = words[result.used];
    if (word.size() < 2 || word[0] != '-') break;
    ++result.used;
    if (word == "--") break;
    for (word.remove_prefix(1); !word.empty();) {
      const char letter = word[0];
      word.remove_prefix(1);
      const std::size_t at = letter == ':' ? std::string_view::npos : letters.find(letter);
      if (at == std::string_view::npos) {
        result.unknown = letter;
        return result;
      }
      if (letters.substr(at + 1).starts_with(':')) {
        if (word.empty() && result.used == words.size()) {
          if (!tells_missing) {
            result.without_argument = letter;
            return result;
          }
          result.values[':'] = fallback;
          return result;
        }
        result.values[letter] = word.empty() ? std::string_view(words[result.used++]) : word;
        break;
      }
      result.values[letter] = fallback;
    }
  }
  return result;
}

}  // namespace kindred::execline
