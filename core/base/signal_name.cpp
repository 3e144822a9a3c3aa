#include "core/base/signal_name.h"

#include <charconv>
#include <csignal>
#include <cstring>

namespace kindred {
namespace {

struct Alias {
  std::string_view name;
  int signal;
};
constexpr Alias kAliases[] = {{"IOT", SIGIOT}, {"CLD", SIGCHLD}, {"IO", SIGIO}};

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_same(std::string_view text, std::string_view name) {
  if (text.size() != name.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (upper(text[i]) != name[i]) return false;
  return true;
}

}  // namespace

const char* signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? name : "???";
}

int parse_signal(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size())
    return number > 0 && number < NSIG ? number : 0;
  if (text.size() > 3 && is_same(text.substr(0, 3), "SIG")) text.remove_prefix(3);
  for (int signal = 1; signal < NSIG; ++signal)
    if (const char* name = ::sigabbrev_np(signal); name != nullptr && is_same(text, name)) return signal;
  for (const Alias& alias : kAliases)
    if (is_same(text, alias.name)) return alias.signal;
  return 0;
}

}  // namespace kindred
