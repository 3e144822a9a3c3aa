#include "compat-nosh/import/unit_values.h"

#include "compat-nosh/import/command_text.h"
#include "core/base/quoted_words.h"

namespace kindred::nosh {

std::vector<std::string> UnitValues::texts(std::string_view key) const {
  std::vector<std::string> values = raw(key);
  for (std::string& value : values) value = specifiers_.replace(value);
  return values;
}

std::vector<std::string> UnitValues::words(std::string_view key) const {
  std::vector<std::string> all;
  for (const std::string& value : raw(key))
    for (const std::string& word : split_quoted_words(value).words) all.push_back(specifiers_.replace(word));
  return all;
}

void ScriptLines::add(std::string_view head, std::string_view word) {
  lines_.push_back(std::string(head) + " " + script_word(word));
}

ToolLine& ToolLine::word(std::string_view word) { return plain(script_word(word)); }

}  // namespace kindred::nosh
