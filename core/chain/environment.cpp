#include "core/chain/environment.h"

#include <algorithm>
#include <unordered_map>

#include "core/chain/text_file.h"

namespace kindred {

Environment::Environment(const char* const* block) {
  for (; *block != nullptr; ++block) entries_.emplace_back(*block);
}

void Environment::apply(const VariableChange& change) {
  std::string entry = change.name + "=";
  std::erase_if(entries_, [&](const std::string& old) { return old.starts_with(entry); });
  if (change.value) entries_.push_back(entry + *change.value);
}

void Environment::apply_all(std::span<const VariableChange> changes) {
  std::unordered_map<std::string_view, const VariableChange*> last;
  for (const VariableChange& change : changes) last.insert_or_assign(change.name, &change);
  std::erase_if(entries_, [&](const std::string& old) {
    return last.contains(std::string_view(old).substr(0, old.find('=')));
  });
  for (const VariableChange& change : changes)
    if (change.value && last[change.name] == &change) entries_.push_back(change.name + "=" + *change.value);
}

std::optional<std::string_view> Environment::value(std::string_view name) const {
  for (const std::string& entry : entries_)
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name))
      return std::string_view(entry).substr(name.size() + 1);
  return std::nullopt;
}

void Environment::sort() {
  const auto name = [](const std::string& entry) {
    return std::string_view(entry).substr(0, entry.find('='));
  };
  for (std::string& entry : entries_)
    if (entry.find('=') == std::string::npos) entry += '=';
  std::ranges::stable_sort(entries_, {}, name);
  // Not std::ranges::unique, whose result clang 14 cannot compile.
  const auto same_name = [&](const std::string& one, const std::string& other) {
    return name(one) == name(other);
  };
  entries_.erase(std::unique(entries_.begin(), entries_.end(), same_name), entries_.end());
}

std::vector<char*> Environment::block() {
  std::vector<char*> pointers;
  for (std::string& entry : entries_) pointers.push_back(entry.data());
  pointers.push_back(nullptr);
  return pointers;
}

namespace {

std::string trimmed(std::string_view content) {
  constexpr std::string_view kBlanks = " \t\r\v\f";
  content.remove_prefix(std::min(content.size(), content.find_first_not_of(kBlanks)));
  std::string text;
  while (!content.empty()) {
    const std::string_view line = content.substr(0, content.find('\n'));
    content.remove_prefix(line.size());
    text += line.substr(0, line.find_last_not_of(kBlanks) + 1);  // npos + 1 is 0
    if (!content.empty()) {
      text += '\n';
      content.remove_prefix(1);
    }
  }
  return text;
}

std::string value_of(std::string_view content, const ValueRules& rules) {
  if (rules.escaped) return unescape(without_blanks(content.substr(0, content.find('\n'))));
  if (!rules.whole_file)
    content = content.substr(0, content.find('\n'));
  else if (rules.chomps && content.ends_with('\n'))
    content.remove_suffix(1);
  if (rules.chomps && !rules.whole_file)
    content = content.substr(
        0, content.find_last_not_of(rules.carriage_returns ? " \t\r" : " \t") + 1);  // npos + 1 is 0
  return rules.trims_lines ? trimmed(content) : std::string(content);
}

}  // namespace

VariableChange variable_of_file(std::string_view name, std::string_view content, const ValueRules& rules) {
  const std::size_t end = name.find('=');
  VariableChange change{std::string(name.substr(0, end)), std::nullopt};
  if (end != std::string_view::npos) change.value = name.substr(end + 1);
  if (content.empty()) return change;
  std::string value = value_of(content.substr(0, rules.most), rules);
  if (rules.escaped && value.empty()) return change;
  std::replace(value.begin(), value.end(), '\0', rules.nul_becomes);
  change.value = change.value ? *change.value + "=" + value : value;
  return change;
}

}  // namespace kindred
