#pragma once
// Names of systemd's units. Source: systemd.unit(5), systemd-escape(1).

#include <optional>
#include <string>
#include <string_view>

namespace kindred {

/// PREFIX.SUFFIX, or PREFIX@INSTANCE.SUFFIX of a template PREFIX@.SUFFIX.
struct UnitName {
  std::string prefix;
  std::optional<std::string> instance;  ///< "": the template itself
  std::string suffix;                   ///< with its dot

  /// Without the suffix.
  [[nodiscard]] std::string bare() const { return instance ? prefix + "@" + *instance : prefix; }
  [[nodiscard]] std::string full() const { return bare() + suffix; }
  /// The file that all instances share; only of an instance.
  [[nodiscard]] std::string template_file() const { return prefix + "@" + suffix; }
};

/// A name without one of the suffixes that units have is that of a service.
[[nodiscard]] UnitName parse_unit_name(std::string_view name);

/// As systemd escapes: a slash is "-"; what is no letter, digit, ":", "_" or "." is "\xHH", and so is a dot at the
/// beginning.
[[nodiscard]] std::string escaped_unit_name(std::string_view name);
/// The reverse; what is no such escape is itself.
[[nodiscard]] std::string unescaped_unit_name(std::string_view name);

/// The byte that "\xHH" at the beginning of the text stands for; nullopt where there is none.
[[nodiscard]] std::optional<char> escaped_byte(std::string_view text);

}  // namespace kindred
