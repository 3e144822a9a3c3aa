#include "core/service/back_off.h"

#include <algorithm>

#include "core/base/number.h"

namespace kindred {
namespace {

constexpr std::uint32_t kMostPercent = 10'000;
constexpr std::uint32_t kDay = 86'400'000;  // milliseconds

struct Line {
  std::string_view name;
  std::uint32_t most;
};
constexpr Line kLines[] = {
    {"first", kDay}, {"factor", kMostPercent}, {"most", kDay}, {"good-run", kDay}, {"failures", UINT32_MAX}};

std::string_view next(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

std::optional<BackOff> parse_back_off(std::string_view text) noexcept {
  if (text.size() > kLongestBackOff) return std::nullopt;
  BackOff rules;
  unsigned seen = 0;
  while (!text.empty()) {
    std::string_view line = next(text, '\n');
    if (line.empty() || line.starts_with('#')) continue;
    const std::string_view name = next(line, ' ');
    const auto* const row = std::find_if(std::begin(kLines), std::end(kLines),
                                         [&](const Line& each) { return each.name == name; });
    if (row == std::end(kLines)) return std::nullopt;
    const auto which = static_cast<unsigned>(row - std::begin(kLines));
    const auto value = parse_unsigned<std::uint32_t>(line);
    if (!value || *value > row->most || (seen & 1U << which) != 0) return std::nullopt;
    seen |= 1U << which;
    const Duration time = std::chrono::milliseconds(*value);
    switch (which) {
      case 0:
        rules.first = time;
        break;
      case 1:
        rules.percent = *value;
        break;
      case 2:
        rules.most = time;
        break;
      case 3:
        rules.good_run = time;
        break;
      default:
        rules.failures = *value;
    }
  }
  return rules;
}

std::string format_back_off(const BackOff& rules) {
  return "first " + milliseconds(rules.first) + "\nfactor " + std::to_string(rules.percent) + "\nmost " +
         milliseconds(rules.most) + "\ngood-run " + milliseconds(rules.good_run) + "\nfailures " +
         std::to_string(rules.failures) + "\n";
}

Duration back_off_after(const BackOff& rules, std::uint32_t ends) noexcept {
  // In floating point nothing overflows; a day has microseconds enough to spare in it.
  double wait = static_cast<double>(rules.first.count());
  const auto most = static_cast<double>(rules.most.count());
  for (std::uint32_t each = 1; each < ends && wait < most && wait > 0 && rules.percent > 100; ++each)
    wait *= rules.percent / 100.0;
  if (rules.percent < 100)
    for (std::uint32_t each = 1; each < std::min<std::uint32_t>(ends, 64); ++each)
      wait *= rules.percent / 100.0;
  return std::min(rules.most, Duration(static_cast<Duration::rep>(std::min(wait, most))));
}

}  // namespace kindred
