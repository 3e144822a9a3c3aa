#include "compat-s6/execline/value.h"

#include <charconv>

namespace kindred::execline {

std::optional<std::string_view> take_netstring(std::string_view& text) {
  std::size_t size = 0;
  const char* const end = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), end, size);
  if (error != std::errc() || colon == end || *colon != ':') return std::nullopt;
  const auto rest = text.substr(static_cast<std::size_t>(colon + 1 - text.data()));
  if (size >= rest.size() || rest[size] != ',') return std::nullopt;
  text = rest.substr(size + 1);
  return rest.substr(0, size);
}

bool may_begin_netstring(std::string_view text) {
  std::size_t size = 0;
  const char* const end = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), end, size);
  if (text.empty()) return true;
  if (error != std::errc()) return false;
  if (colon == end) return true;
  const std::size_t after = text.size() - static_cast<std::size_t>(colon + 1 - text.data());
  return *colon == ':' && after <= size;
}

std::string netstring(std::string_view word) {
  return std::to_string(word.size()) + ":" + std::string(word) + ",";
}

std::optional<std::vector<std::string>> words_of(std::string_view value, const ValueRules& rules) {
  std::vector<std::string> words;
  if (rules.splits && rules.delimiters.empty()) {
    while (!value.empty()) {
      const auto word = take_netstring(value);
      if (!word) return std::nullopt;
      words.emplace_back(*word);
    }
    return words;
  }
  const auto delimits = [&](char byte) { return rules.delimiters.find(byte) != std::string::npos; };
  std::string text;
  for (const char byte : value)
    if (!rules.crunches || text.empty() || !delimits(byte) || !delimits(text.back())) text += byte;
  const bool chomped = rules.chomps && !text.empty() && delimits(text.back());
  if (chomped) text.pop_back();
  if (!rules.splits) {
    words.push_back(std::move(text));
    return words;
  }
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!delimits(text[at])) continue;
    words.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  if (begin < text.size() && (chomped || !rules.chomps)) words.push_back(text.substr(begin));
  return words;
}

}  // namespace kindred::execline
