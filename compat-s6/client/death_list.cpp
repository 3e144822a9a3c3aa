#include "compat-s6/client/death_list.h"

#include <algorithm>

#include "compat-s6/client/command_line.h"
#include "core/base/signal_name.h"

namespace kindred::s6 {
namespace {

constexpr std::uint32_t kMostCode = 255;
constexpr std::uint8_t kSignalBase = 128;

Error invalid(const char* what) { return Error{0, what, ""}; }

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

}  // namespace

Result<DeathList> DeathList::parse(std::string_view text) {
  constexpr std::string_view kSeparators = ",; \t\n";
  constexpr const char* kBadList = "invalid status list specification";
  DeathList list;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find_first_of(kSeparators));
    text.remove_prefix(word.size());
    text.remove_prefix(std::min(text.find_first_not_of(kSeparators), text.size()));
    if (word.empty()) return invalid(kBadList);
    if (!is_digit(word.front())) {
      const int signal = parse_signal(word);
      if (signal <= 0) return invalid(kBadList);
      list.signals_.set(static_cast<std::size_t>(signal));
      continue;
    }
    const std::size_t dash = word.find('-');
    const auto first = parse_number(word.substr(0, dash));
    if (!first) return invalid(kBadList);
    const auto last = dash == std::string_view::npos ? first : parse_number(word.substr(dash + 1));
    if (!last) return invalid("invalid interval specification");
    if (*first > kMostCode || *last > kMostCode) return invalid("invalid exit code");
    if (*first > *last) return invalid("invalid interval");
    for (std::uint32_t code = *first; code <= *last; ++code) list.codes_.set(code);
  }
  return list;
}

bool DeathList::has(const ExitStatus& how) const {
  if (how.kind == ExitStatus::Kind::Exited) return codes_.test(how.value);
  if (how.kind != ExitStatus::Kind::Signaled || how.value >= signals_.size()) return false;
  return signals_.test(how.value) || codes_.test(std::size_t{kSignalBase} + how.value);
}

}  // namespace kindred::s6
