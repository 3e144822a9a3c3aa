#pragma once
// One unit's settings with what percent signs stand for put in. Source: interfaces/nosh-system.md section 8.1.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compat-nosh/import/specifiers.h"
#include "compat-nosh/import/unit_settings.h"

namespace kindred::nosh {

class UnitValues {
 public:
  UnitValues(UnitSettings& settings, const Specifiers& specifiers, std::string section)
      : settings_(settings), specifiers_(specifiers), section_(std::move(section)) {}

  [[nodiscard]] UnitSettings& settings() const { return settings_; }
  [[nodiscard]] const std::string& section() const { return section_; }

  /// "" where it is not set.
  [[nodiscard]] std::string text(std::string_view key) const {
    const std::string* const value = settings_.take(section_, key);
    return value != nullptr ? specifiers_.replace(*value) : "";
  }
  [[nodiscard]] bool flag(std::string_view key) const {
    const std::string* const value = settings_.take(section_, key);
    return value != nullptr && is_true(*value);
  }
  /// Each line's value.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  /// The words of each line: quoted as in a nosh script, and then with what % stands for.
  [[nodiscard]] std::vector<std::string> words(std::string_view key) const;
  /// Nothing is put in yet.
  [[nodiscard]] std::vector<std::string> raw(std::string_view key) const {
    return settings_.take_each(section_, key);
  }
  /// What is set, without taking it.
  [[nodiscard]] std::string look(std::string_view key) const {
    const std::string* const value = settings_.look(section_, key);
    return value != nullptr ? *value : "";
  }
  [[nodiscard]] const Specifiers& specifiers() const { return specifiers_; }

 private:
  UnitSettings& settings_;
  const Specifiers& specifiers_;
  std::string section_;
};

/// Lines of a script; what is added is quoted where it must be.
class ScriptLines {
 public:
  void add(std::string line) { lines_.push_back(std::move(line)); }
  /// `head` as it is, and a word behind it.
  void add(std::string_view head, std::string_view word);
  void append(const ScriptLines& more) {
    lines_.insert(lines_.end(), more.lines_.begin(), more.lines_.end());
  }
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

/// A tool with its options, a blank before each.
class ToolLine {
 public:
  explicit ToolLine(std::string_view tool) : text_(tool) {}
  ToolLine& plain(std::string_view text) {
    text_.append(" ").append(text);
    return *this;
  }
  ToolLine& word(std::string_view word);
  ToolLine& option_if(bool given, std::string_view option) { return given ? plain(option) : *this; }
  /// Both, unless there is no value.
  ToolLine& option(std::string_view option, std::string_view value) {
    return value.empty() ? *this : plain(option).word(value);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace kindred::nosh
