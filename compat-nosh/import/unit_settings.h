#pragma once
// A unit's settings as the conversion takes them: by name, whatever the case, and with a note of what was taken, so
// that all others can be named. Source: interfaces/nosh-system.md section 8.1.

#include <string>
#include <string_view>
#include <vector>

#include "core/definition/unit_file.h"

namespace kindred::nosh {

class UnitSettings {
 public:
  /// `file`: the unit's, as messages name it.
  UnitSettings(std::string file, UnitFile unit);

  [[nodiscard]] const std::string& file() const { return file_; }

  /// Names in lower case. The last value counts; null: it is not set.
  [[nodiscard]] const std::string* take(std::string_view section, std::string_view key);
  /// Each of them, in order.
  [[nodiscard]] std::vector<std::string> take_each(std::string_view section, std::string_view key);
  /// As take(), where its value is one of these; any other stays.
  [[nodiscard]] const std::string* take_if(std::string_view section, std::string_view key,
                                           std::initializer_list<std::string_view> values);
  /// Looks without taking.
  [[nodiscard]] const std::string* look(std::string_view section, std::string_view key) const;
  /// It was taken, and says nothing all the same.
  void put_back(std::string_view section, std::string_view key);

  /// "[section] name = value" of each that was not taken, in order; and the lines that are no settings.
  [[nodiscard]] std::vector<std::string> unused() const;

 private:
  std::string file_;
  UnitFile unit_;
  std::vector<bool> taken_;
};

[[nodiscard]] std::string lower_case(std::string_view text);
/// "yes", "true", "on" and "1", whatever the case; all else is false.
[[nodiscard]] bool is_true(std::string_view value);

}  // namespace kindred::nosh
