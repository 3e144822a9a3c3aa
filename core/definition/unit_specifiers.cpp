#include "core/definition/unit_specifiers.h"

namespace kindred {
namespace {

std::optional<std::string> value_of(char letter, const UnitName& name, const std::string& user) {
  const std::string instance = name.instance.value_or("");
  const bool root = user.empty() || user == "root";
  const std::size_t dash = name.prefix.rfind('-');
  switch (letter) {
    case '%':
      return "%";
    case 'n':
      return name.full();
    case 'N':
      return name.bare();
    case 'p':
      return name.prefix;
    case 'P':
      return unescaped_unit_name(name.prefix);
    case 'i':
      return instance;
    case 'I':
      return unescaped_unit_name(instance);
    case 'j':
      return name.prefix.substr(dash == std::string::npos ? 0 : dash + 1);
    case 'J':
      return unescaped_unit_name(name.prefix.substr(dash == std::string::npos ? 0 : dash + 1));
    case 'f':
      return "/" + unescaped_unit_name(instance.empty() ? name.prefix : instance);
    case 't':
      return "/run";
    case 'S':
      return "/var/lib";
    case 'C':
      return "/var/cache";
    case 'L':
      return "/var/log";
    case 'E':
      return "/etc";
    case 'T':
      return "/tmp";
    case 'V':
      return "/var/tmp";
    case 'u':
      return root ? "root" : user;
    case 'U':
    case 'G':
      return root ? std::optional<std::string>("0") : std::nullopt;
    case 'g':
      return root ? std::optional<std::string>("root") : std::nullopt;
    case 'h':
      return root ? std::optional<std::string>("/root") : std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

ReplacedText replace_specifiers(std::string_view text, const UnitName& name, const std::string& user) {
  ReplacedText replaced;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%' || at + 1 == text.size()) {
      replaced.text += text[at];
      continue;
    }
    const char letter = text[++at];
    if (const auto value = value_of(letter, name, user)) {
      replaced.text += *value;
    } else {
      replaced.text.append(1, '%').append(1, letter);
      replaced.unknown = letter;
    }
  }
  return replaced;
}

}  // namespace kindred
