#include "core/definition/unit_environment.h"

#include <algorithm>

#include "core/definition/unit_words.h"

namespace kindred {
namespace {

constexpr std::string_view kBlanks = " \t\r";

bool is_name_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Off the front of the text, with the newline that ends it.
std::string take_value(std::string_view& text) {
  std::string value;
  std::size_t kept = 0;  // blanks at the end that no quotes hold go
  char quote = 0;
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kBlanks)));
  while (!text.empty() && (quote != 0 || text[0] != '\n')) {
    const char c = text[0];
    text.remove_prefix(1);
    if (c == '\\' && quote != '\'') {
      if (text.empty()) break;
      // In "…" only these are escaped.
      const bool escapes = quote == 0 || std::string_view("\"\\`$\n").find(text[0]) != std::string_view::npos;
      if (!escapes) value += c;
      if (text[0] != '\n') value += text[0];
      text.remove_prefix(1);
      kept = value.size();
    } else if (c == quote) {
      quote = 0;
      kept = value.size();
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      value += c;
      if (quote != 0 || kBlanks.find(c) == std::string_view::npos) kept = value.size();
    }
  }
  text.remove_prefix(std::min<std::size_t>(text.size(), 1));
  value.resize(kept);
  return value;
}

std::string with_braced(std::string_view word, const VariableValue& value) {
  std::string text;
  for (std::size_t at = 0; at < word.size(); ++at) {
    if (word.substr(at, 2) == "$$") {
      text += word[at++];
      continue;
    }
    std::size_t end = at + 2;
    if (word.substr(at, 2) == "${")
      while (end < word.size() && is_name_byte(word[end])) ++end;
    if (end > at + 2 && end < word.size() && word[end] == '}') {
      text += value(std::string(word.substr(at + 2, end - at - 2))).value_or("");
      at = end;
    } else {
      text += word[at];
    }
  }
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_environment_file(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> variables;
  while (!text.empty()) {
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
    const std::size_t end = std::min(text.size(), text.find_first_of("=\n"));
    const bool comment = text.starts_with('#') || text.starts_with(';');
    if (comment || end == text.size() || text[end] == '\n') {
      text.remove_prefix(std::min(text.size(), text.find('\n')));
      continue;
    }
    std::string_view name = text.substr(0, end);
    name = name.substr(0, name.find_last_not_of(kBlanks) + 1);  // npos + 1 is 0
    text.remove_prefix(end + 1);
    std::string value = take_value(text);
    const bool fits = !name.empty() && std::all_of(name.begin(), name.end(), is_name_byte) &&
                      value.find('\0') == std::string::npos;
    if (fits) variables.emplace_back(name, std::move(value));
  }
  return variables;
}

std::vector<std::string> expand_variables(const std::vector<std::string>& words, const VariableValue& value) {
  std::vector<std::string> expanded;
  for (const std::string& word : words) {
    const bool alone =
        word.size() > 1 && word[0] == '$' && std::all_of(word.begin() + 1, word.end(), is_name_byte);
    if (!alone) {
      expanded.push_back(with_braced(word, value));
      continue;
    }
    const std::string content = value(word.substr(1)).value_or("");
    if (auto parts = split_unit_words(content))
      expanded.insert(expanded.end(), parts->begin(), parts->end());
    else
      expanded.push_back(content);
  }
  return expanded;
}

}  // namespace kindred
