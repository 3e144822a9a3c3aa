#include "core/definition/unit_name.h"

#include <charconv>

namespace kindred {
namespace {

constexpr std::string_view kSuffixes[] = {".service", ".socket", ".timer",     ".target", ".mount", ".path",
                                          ".device",  ".scope",  ".automount", ".slice",  ".swap"};

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

UnitName parse_unit_name(std::string_view name) {
  UnitName unit{"", std::nullopt, ".service"};
  for (const std::string_view suffix : kSuffixes)
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      unit.suffix = suffix;
      name.remove_suffix(suffix.size());
      break;
    }
  const std::size_t at = name.find('@');
  unit.prefix = name.substr(0, at);
  if (at != std::string_view::npos) unit.instance = name.substr(at + 1);
  return unit;
}

std::string escaped_unit_name(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string escaped;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '/')
      escaped += '-';
    else if (is_alphanumeric(c) || c == ':' || c == '_' || (c == '.' && !escaped.empty()))
      escaped += c;
    else
      escaped.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0xf]);
  }
  return escaped;
}

std::optional<char> escaped_byte(std::string_view text) {
  constexpr std::size_t kLength = 4;
  constexpr int kBase = 16;
  if (text.size() < kLength || !text.starts_with("\\x")) return std::nullopt;
  unsigned char byte = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + kLength, byte, kBase);
  if (error != std::errc() || end != text.data() + kLength) return std::nullopt;
  return static_cast<char>(byte);
}

std::string unescaped_unit_name(std::string_view name) {
  std::string text;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (const auto byte = escaped_byte(name.substr(at))) {
      text += *byte;
      at += 3;
    } else {
      text += name[at] == '-' ? '/' : name[at];
    }
  }
  return text;
}

}  // namespace kindred
