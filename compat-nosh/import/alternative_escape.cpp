#include "compat-nosh/import/alternative_escape.h"

#include <algorithm>
#include <iterator>

#include "core/definition/unit_name.h"

namespace kindred::nosh {
namespace {

struct Sequence {
  char byte, letter;
};
/// Which of these are made, and all that are understood.
constexpr Sequence kSequences[] = {{'\\', '\\'}, {':', 'c'}, {',', 'v'}, {'+', 'p'},
                                   {'@', 'a'},   {'.', 'd'}, {';', 'h'}, {'-', 'm'}};
constexpr std::size_t kMadeSequences = 5;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void add_code(std::string& escaped, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  escaped.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0xf]);
}

}  // namespace

std::string alternatively_escaped_name(std::string_view name, bool sequences) {
  std::string escaped;
  for (const char c : name) {
    const auto* const end = std::begin(kSequences) + kMadeSequences;
    const auto* const own = std::ranges::find(std::begin(kSequences), end, c, &Sequence::byte);
    if (own != end && sequences)
      escaped.append("\\").append(1, own->letter);
    else if (is_alphanumeric(c) || std::string_view("-_.:;").find(c) != std::string_view::npos)
      escaped += c;
    else
      add_code(escaped, c);
  }
  return escaped;
}

std::string alternatively_unescaped_name(std::string_view name, bool sequences) {
  std::string text;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (const auto byte = escaped_byte(name.substr(at))) {
      text += *byte;
      at += 3;
    } else if (const char next = at + 1 < name.size() ? name[at + 1] : '\0';
               sequences && name[at] == '\\' && next != '\0') {
      const auto* const own = std::ranges::find(kSequences, next, &Sequence::letter);
      text += own != std::end(kSequences) ? own->byte : next;
      ++at;
    } else {
      text += name[at];
    }
  }
  return text;
}

}  // namespace kindred::nosh
