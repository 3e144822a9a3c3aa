#pragma once
// What the administrator and the distribution want to be enabled. Source: interfaces/nosh-system.md section 7.2.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compat-nosh/client/bundle_search.h"
#include "core/base/result.h"

namespace kindred::nosh {

/// What one line of a preset file says of bundles; nullopt: nothing.
struct PresetLine {
  bool enables = false;
  std::string pattern;
};
[[nodiscard]] std::optional<PresetLine> parse_preset_line(std::string_view line);

/// `*` any, `?` one byte, `[a-z]` and `[!a-z]` one of a set and one that is none of it, `\c` the byte c, all else itself,
/// over the whole name.
[[nodiscard]] bool matches_preset(std::string_view pattern, std::string_view name);
/// Likewise for a bundle of a kind: the suffix of that kind is no part of the pattern; of one that was found by its
/// path, no suffix is.
[[nodiscard]] bool matches_preset(std::string_view pattern, std::string_view name, BundleKind kind);

/// The first line of a preset file that is about the bundle.
[[nodiscard]] std::optional<bool> preset_of(std::string_view text, std::string_view name, BundleKind kind);

/// What NAME_enable says in a file like rc.conf. Errors: code 0, a text that ends within quotes.
[[nodiscard]] Result<std::optional<bool>> rc_conf_setting(std::string_view text, std::string_view name);
/// Whether /etc/ttys has the terminal on.
[[nodiscard]] std::optional<bool> ttys_setting(std::string_view text, std::string_view name);
/// Whether fstab(5) has what is to be mounted there, or the device, mounted at the start.
[[nodiscard]] std::optional<bool> fstab_setting(std::string_view text, std::string_view name);

/// Which of these are asked, in this order.
struct PresetSources {
  bool preset_files = true;
  bool rc_conf = true;
  std::optional<std::string> rc_conf_file = std::nullopt;  ///< instead of the usual ones
  bool ttys = false;
  bool fstab = false;
  bool per_user = false;
};
/// `name`: as the files know the bundle; `prefix` is only before it in preset files. Errors: as rc_conf_setting().
[[nodiscard]] Result<bool> is_preset(const PresetSources& sources, const std::string& prefix,
                                     const std::string& name, BundleKind kind);

}  // namespace kindred::nosh
