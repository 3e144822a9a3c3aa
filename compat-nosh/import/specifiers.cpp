#include "compat-nosh/import/specifiers.h"

#include "compat-nosh/import/alternative_escape.h"

namespace kindred::nosh {

Specifiers::Specifiers(const UnitName& name, const ImportOptions& options, const ImportHost& host) {
  const auto escape = [&](const std::string& text) {
    return options.alternative_escape ? alternatively_escaped_name(text, options.extended_escape)
                                      : escaped_unit_name(text);
  };
  const auto unescape = [&](const std::string& text) {
    return options.alternative_escape ? alternatively_unescaped_name(text, options.extended_escape)
                                      : unescaped_unit_name(text);
  };
  const std::string instance = name.instance.value_or("");
  const std::string plain_instance = options.escape_instance ? instance : unescape(instance);
  value('p') = options.escape_prefix ? escape(name.prefix) : name.prefix;
  value('P') = options.escape_prefix ? name.prefix : unescape(name.prefix);
  value('i') = options.escape_instance ? escape(instance) : instance;
  value('I') = plain_instance;
  value('f') = "/" + plain_instance;
  value('N') = name.full();
  value('n') = name.instance ? name.prefix + "@" + escape(instance) + name.suffix : name.full();
  value('m') = host.machine_id;
  const std::string runtime = options.per_user ? "/run/user/" + host.user : "/run";
  value('t') = runtime;
  value('r') = runtime;
  value('T') = "/tmp/";
  value('V') = "/var/tmp/";
  value('E') = options.per_user ? host.home + "/.config" : "/etc/";
  value('S') = options.per_user ? host.home + "/.config" : "/var/lib/";
  value('C') = options.per_user ? host.home + "/.cache" : "/var/cache/";
  value('L') = options.per_user ? "/var/log/user/" + host.user + "/" : "/var/log/sv/";
  value('u') = options.per_user ? host.user : "root";
  value('g') = "root";
  value('U') = "0";
  value('G') = "0";
}

const std::string* Specifiers::find(char letter) const {
  const auto index = static_cast<unsigned char>(letter);
  return index < kLetters && values_[index] ? &*values_[index] : nullptr;
}

std::string Specifiers::replace(std::string_view text) const {
  std::string replaced;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string* const value = text[at] == '%' && at + 1 < text.size() ? find(text[at + 1]) : nullptr;
    if (value != nullptr) {
      replaced += *value;
      ++at;
    } else {
      replaced += text[at];
    }
  }
  return replaced;
}

std::optional<char> Specifiers::unfit_for_command(std::string_view text) const {
  constexpr std::string_view kSpecial = " \t\n\v\f\r\"'`$;|&<>()#*?";
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    if (text[at] != '%') continue;
    const std::string* const value = find(text[at + 1]);
    if (value == nullptr) continue;
    if (value->find_first_of(kSpecial) != std::string::npos || value->find('\0') != std::string::npos)
      return text[at + 1];
    ++at;
  }
  return std::nullopt;
}

}  // namespace kindred::nosh
