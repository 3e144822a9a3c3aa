#include "compat-freedt/chain/ident_answer.h"

#include <charconv>
#include <optional>

namespace kindred::freedt {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::optional<unsigned> port(std::string_view text) {
  constexpr unsigned kHighest = 65535;
  text = trimmed(text);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > kHighest)
    return std::nullopt;
  return number;
}

}  // namespace

std::string ident_answer(std::string_view line) {
  const std::size_t comma = line.find(',');
  if (comma != std::string_view::npos) {
    const auto server = port(line.substr(0, comma)), client = port(line.substr(comma + 1));
    if (server && client)
      return std::to_string(*server) + " , " + std::to_string(*client) + " : ERROR : HIDDEN-USER";
  }
  return "0 , 0 : ERROR : INVALID-PORT";
}

}  // namespace kindred::freedt
