#include "core/base/quoted_words.h"

namespace kindred {

QuotedWords split_quoted_words(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  QuotedWords result;
  bool open = false;
  char quote = 0;
  const auto word = [&]() -> std::string& {
    if (!open) result.words.emplace_back();
    open = true;
    return result.words.back();
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (byte == '\\' && quote != '\'') {
      std::string& current = word();
      if (++at == text.size()) {
        result.end = QuotedWords::End::AfterBackslash;
        return result;
      }
      if (text[at] != '\n') current += text[at];
    } else if (quote != 0) {
      if (byte == quote)
        quote = 0;
      else
        word() += byte;
    } else if (byte == '"' || byte == '\'') {
      quote = byte;
      static_cast<void>(word());
    } else if (kBlanks.find(byte) != std::string_view::npos) {
      open = false;
    } else if (byte == '#' && !open) {
      at = text.find('\n', at);
      if (at == std::string_view::npos) break;
    } else {
      word() += byte;
    }
  }
  if (quote != 0) result.end = QuotedWords::End::InQuotes;
  return result;
}

}  // namespace kindred
