#pragma once
// What a percent sign and a letter stand for. Source: interfaces/nosh-system.md section 8.1.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "compat-nosh/import/unit_import.h"

namespace kindred::nosh {

class Specifiers {
 public:
  Specifiers(const UnitName& name, const ImportOptions& options, const ImportHost& host);

  /// Whom %u means.
  void set_user(const std::string& user) { value('u') = user; }

  /// Letters that stand for nothing stay, and so does a percent sign before another.
  [[nodiscard]] std::string replace(std::string_view text) const;
  /// The first letter in the text whose value would be more than a part of one word of a command.
  [[nodiscard]] std::optional<char> unfit_for_command(std::string_view text) const;

  [[nodiscard]] const std::string& runtime_directory() const { return *values_['t']; }

 private:
  static constexpr std::size_t kLetters = 128;
  std::string& value(char letter) { return values_[static_cast<std::size_t>(letter)].emplace(); }
  [[nodiscard]] const std::string* find(char letter) const;

  std::array<std::optional<std::string>, kLetters> values_;
};

}  // namespace kindred::nosh
