#include "compat-s6/execline/positional.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

namespace kindred::execline {
namespace {

/// "NAME:N"; the whole name, and no level, where it has none.
struct Levelled {
  std::string_view name;
  std::optional<unsigned> level;
};

Levelled levelled(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {name, 0};
  return {name.substr(0, colon), number(name.substr(colon + 1))};
}

std::string entry(std::string_view name, unsigned level, std::string_view value) {
  std::string text(name);
  if (level > 0) text += ":" + std::to_string(level);
  return text.append("=").append(value);
}

std::string_view value_of(std::string_view entry) {
  const std::size_t equals = entry.find('=');
  return equals == std::string_view::npos ? std::string_view() : entry.substr(equals + 1);
}

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

}  // namespace

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int> descriptor_number(std::string_view text) {
  const auto value = number(text);
  if (!value) return std::nullopt;
  return static_cast<int>(std::min<unsigned>(*value, INT32_MAX));
}

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

bool is_positional(std::string_view name) { return !name.empty() && (is_digit(name[0]) || name[0] == '#'); }

bool is_option_variable(std::string_view name) { return name.starts_with("ELGETOPT_"); }

Entries push(const Entries& entries, HasLevels has_levels) {
  Entries result;
  result.reserve(entries.size());
  for (const std::string& old : entries) {
    const Levelled is = levelled(name_of(old));
    if (has_levels(is.name) && is.level && *is.level != UINT32_MAX)
      result.push_back(entry(is.name, *is.level + 1, value_of(old)));
    else
      result.push_back(old);
  }
  return result;
}

Entries pop(const Entries& entries, HasLevels has_levels) {
  Entries result;
  result.reserve(entries.size());
  for (const std::string& old : entries) {
    const Levelled is = levelled(name_of(old));
    if (!has_levels(is.name) || !is.level)
      result.push_back(old);
    else if (*is.level > 0)
      result.push_back(entry(is.name, *is.level - 1, value_of(old)));
  }
  return result;
}

Entries with_words(Entries entries, const std::vector<std::string_view>& words, std::size_t previous) {
  const std::size_t most = std::max(words.size(), previous);
  std::erase_if(entries, [&](const std::string& old) {
    const std::string_view name = name_of(old);
    if (name == "#") return true;
    const auto index = number(name);
    return index && *index > 0 && *index <= most && name == std::to_string(*index);
  });
  entries.push_back(entry("#", 0, std::to_string(words.size())));
  for (std::size_t i = 0; i < words.size(); ++i) entries.push_back(entry(std::to_string(i + 1), 0, words[i]));
  return entries;
}

PositionalWords positional_words(const Environment& environment) {
  const auto count = environment.value("#");
  if (!count) return {{}, "# not set"};
  const auto wanted = number(*count);
  if (!wanted) return {{}, "invalid $#"};
  // Looked up one by one, they would take time that grows with their square.
  std::unordered_map<std::string_view, std::string_view> numbered;
  for (const std::string& each : environment.entries())
    if (is_digit(each[0])) numbered.emplace(name_of(each), value_of(each));
  PositionalWords result;
  for (std::size_t i = 1; i <= *wanted; ++i) {
    const std::string name = std::to_string(i);
    const auto found = numbered.find(name);
    if (found == numbered.end()) return {{}, name + " not set"};
    result.words.emplace_back(found->second);
  }
  return result;
}

}  // namespace kindred::execline
