#pragma once
/// systemd's unit files as text: what is set where, in order, and nothing of what it means.
///
///   [Section]      what follows belongs to it
///   Key=value      blanks around both are no part of them
///   … \            goes on in the next line, with a blank between; comments within are passed over
///   # … or ; …     a comment; so is an empty line
///
/// Source: systemd.syntax(7).

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kindred {

struct UnitSetting {
  std::string section, key, value;
  std::string file;      ///< as the user knows it
  std::size_t line = 0;  ///< from 1: where it begins
};

/// A line that is none of these.
struct StrayLine {
  std::string text;
  std::string file;
  std::size_t line = 0;
};

struct UnitFile {
  std::vector<UnitSetting> settings;
  std::vector<StrayLine> strays;

  /// What a drop-in adds.
  void append(UnitFile more);
};

/// Total: any bytes are a unit file. A setting before the first section has the section "".
[[nodiscard]] UnitFile parse_unit_file(std::string_view text, std::string_view file);

}  // namespace kindred
