#include "compat-nosh/client/preset.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "core/base/quoted_words.h"
#include "core/definition/unit_name.h"
#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr std::size_t kLongestFile = 1 << 20;
constexpr std::string_view kBlanks = " \t\r\v\f";
constexpr std::string_view kSuffixes[] = {".target", ".service", ".socket", ".timer"};

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kBlanks)));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);  // npos + 1 is 0
}

/// Calls `use` with each line until it has an answer.
template <class Use>
std::optional<bool> first_of_lines(std::string_view text, Use use) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (const std::optional<bool> answer = use(line)) return answer;
  }
  return std::nullopt;
}

std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  for (;;) {
    line = without_blanks(line);
    if (line.empty() || line[0] == '#') return fields;
    fields.emplace_back(line.substr(0, line.find_first_of(kBlanks)));
    line.remove_prefix(fields.back().size());
  }
}

std::string home_directory() {
  const char* const home = std::getenv("HOME");
  return home != nullptr ? home : "";
}

std::vector<std::string> preset_directories(bool per_user) {
  constexpr std::array kPlaces = {"/usr/local/etc/system-control/",
                                  "/etc/system-control/",
                                  "/etc/systemd/",
                                  "/usr/local/share/system-control/",
                                  "/usr/local/lib/systemd/",
                                  "/usr/share/system-control/",
                                  "/usr/lib/systemd/",
                                  "/lib/systemd/"};
  std::vector<std::string> directories;
  if (per_user) directories.push_back(home_directory() + "/.config/system-control/presets/");
  for (const std::string_view place : kPlaces) {
    const bool systemd = place.ends_with("/systemd/");
    const char* const name =
        systemd ? (per_user ? "user-preset/" : "system-preset/") : (per_user ? "user-presets/" : "presets/");
    directories.push_back(std::string(place) + name);
  }
  return directories;
}

/// nullopt: it cannot be read.
std::optional<std::string> text_of_file(const std::string& path) {
  auto text = read_file(AT_FDCWD, path.c_str(), kLongestFile);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

/// Of all files that say something the one whose name comes first decides; of two of one name, the one that is
/// found first.
std::optional<bool> in_preset_files(bool per_user, const std::string& name, BundleKind kind) {
  struct File {
    std::string name, path;
  };
  std::vector<File> files;
  for (const std::string& directory : preset_directories(per_user))
    for (const std::string& file : directory_names(AT_FDCWD, directory.c_str()))
      files.push_back({file, directory + file});
  std::ranges::stable_sort(files, {}, &File::name);
  for (const File& file : files)
    if (const auto text = text_of_file(file.path))
      if (const auto answer = preset_of(*text, name, kind)) return answer;
  return std::nullopt;
}

Result<std::optional<bool>> in_rc_conf(const PresetSources& sources, const std::string& name) {
  std::vector<std::string> paths = {"/etc/rc.conf.local", "/etc/rc.conf", "/etc/defaults/rc.conf"};
  if (sources.per_user) paths = {home_directory() + "/.config/rc.conf"};
  if (sources.rc_conf_file) paths = {*sources.rc_conf_file};
  for (const std::string& path : paths) {
    const auto text = text_of_file(path);
    if (!text) continue;
    auto answer = rc_conf_setting(*text, name);
    if (!answer) return Error{0, answer.error().operation, path};
    if (*answer) return answer;
  }
  return std::optional<bool>();
}

}  // namespace

std::optional<PresetLine> parse_preset_line(std::string_view line) {
  line = without_blanks(line);
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  const std::string_view pattern = without_blanks(line.substr(word.size()));
  if ((word != "enable" && word != "disable") || pattern.empty()) return std::nullopt;
  return PresetLine{word == "enable", std::string(pattern)};
}

namespace {

/// What one piece of a pattern makes of a byte.
struct Piece {
  std::size_t size = 0;  ///< bytes of the pattern; 0: there is none that could match anything
  bool matches = false;
};

/// A set at the pattern's beginning: [abc], [a-z], [!abc]. A `]` that comes first is in it. Size 0: it has no end.
Piece set_at(std::string_view pattern, char byte) {
  std::size_t at = 1;
  const bool is_negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (is_negated) ++at;
  bool is_in = false;
  for (const std::size_t first = at; at < pattern.size(); ++at) {
    if (pattern[at] == ']' && at != first) return {at + 1, is_in != is_negated};
    const bool is_range = at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']';
    const auto low = static_cast<unsigned char>(pattern[at]);
    if (is_range) at += 2;
    const auto high = static_cast<unsigned char>(pattern[at]);
    is_in = is_in || (low <= static_cast<unsigned char>(byte) && static_cast<unsigned char>(byte) <= high);
  }
  return {};
}

/// `pattern` is not empty, and does not begin with `*`.
Piece piece_at(std::string_view pattern, char byte) {
  if (pattern[0] == '?') return {1, true};
  if (pattern[0] == '\\') return pattern.size() == 1 ? Piece{} : Piece{2, pattern[1] == byte};
  if (pattern[0] == '[')
    if (const Piece set = set_at(pattern, byte); set.size != 0) return set;
  return {1, pattern[0] == byte};
}

}  // namespace

bool matches_preset(std::string_view pattern, std::string_view name) {
  // Only the last `*` that was passed may have to take more.
  std::size_t at = 0, in_name = 0, star = std::string_view::npos, taken = 0;
  for (;;) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = ++at;
      taken = in_name;
      continue;
    }
    const bool ended = in_name == name.size();
    if (at == pattern.size() && ended) return true;
    if (at < pattern.size() && !ended) {
      const Piece piece = piece_at(pattern.substr(at), name[in_name]);
      if (piece.size == 0) return false;
      if (piece.matches) {
        at += piece.size;
        ++in_name;
        continue;
      }
    }
    if (star == std::string_view::npos || taken == name.size()) return false;
    at = star;
    in_name = ++taken;
  }
}

bool matches_preset(std::string_view pattern, std::string_view name, BundleKind kind) {
  for (const std::string_view suffix : kSuffixes) {
    const bool is_of_kind =
        kind == BundleKind::ByPath || suffix == (kind == BundleKind::Target ? ".target" : ".service");
    if (!is_of_kind || !pattern.ends_with(suffix)) continue;
    pattern.remove_suffix(suffix.size());
    break;
  }
  return matches_preset(pattern, name);
}

std::optional<bool> preset_of(std::string_view text, std::string_view name, BundleKind kind) {
  return first_of_lines(text, [&](std::string_view line) -> std::optional<bool> {
    const auto parsed = parse_preset_line(line);
    if (!parsed || !matches_preset(parsed->pattern, name, kind)) return std::nullopt;
    return parsed->enables;
  });
}

Result<std::optional<bool>> rc_conf_setting(std::string_view text, std::string_view name) {
  const QuotedWords settings = split_quoted_words(text);
  if (settings.end != QuotedWords::End::Whole) return Error{0, "Unterminated quote at end of file.", ""};
  const std::string variable = std::string(name) + "_enable=";
  for (const std::string& setting : settings.words) {
    if (!setting.starts_with(variable)) continue;
    std::string value = setting.substr(variable.size());
    for (char& c : value) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    return std::optional(value == "1" || value == "yes" || value == "true" || value == "on");
  }
  return std::optional<bool>();
}

std::optional<bool> ttys_setting(std::string_view text, std::string_view name) {
  return first_of_lines(text, [&](std::string_view line) -> std::optional<bool> {
    const std::vector<std::string> fields = fields_of(line);
    if (fields.empty() || fields[0] != name) return std::nullopt;
    return std::ranges::find(fields, "on") != fields.end();
  });
}

std::optional<bool> fstab_setting(std::string_view text, std::string_view name) {
  constexpr std::size_t kDevice = 0, kDirectory = 1, kOptions = 3;
  const std::string path = (name.starts_with('/') ? "" : "/") + unescaped_unit_name(name);
  const auto look = [&](std::size_t field) {
    return first_of_lines(text, [&](std::string_view line) -> std::optional<bool> {
      const std::vector<std::string> fields = fields_of(line);
      if (fields.size() <= kOptions || fields[field] != path) return std::nullopt;
      const std::string options = "," + fields[kOptions] + ",";
      return options.find(",noauto,") == std::string::npos;
    });
  };
  const auto as_directory = look(kDirectory);
  return as_directory ? as_directory : look(kDevice);
}

Result<bool> is_preset(const PresetSources& sources, const std::string& prefix, const std::string& name,
                       BundleKind kind) {
  std::optional<bool> answer;
  if (sources.preset_files) answer = in_preset_files(sources.per_user, prefix + name, kind);
  if (!answer && sources.rc_conf) {
    const auto setting = in_rc_conf(sources, name);
    if (!setting) return setting.error();
    answer = *setting;
  }
  const auto in_file = [&](const char* path, auto ask) {
    if (const auto text = text_of_file(path)) answer = ask(*text, name);
  };
  if (!answer && sources.ttys) in_file("/etc/ttys", ttys_setting);
  if (!answer && sources.fstab) in_file("/etc/fstab", fstab_setting);
  if (answer) return *answer;
  // Where nobody else is asked, what no preset file forbids is wanted.
  return sources.preset_files && !sources.rc_conf && !sources.ttys && !sources.fstab;
}

}  // namespace kindred::nosh
