#include "core/definition/time_span.h"

#include <algorithm>
#include <cstdint>

namespace kindred {
namespace {

constexpr std::int64_t kSecond = 1000000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr std::int64_t kMonth = 2629800 * kSecond, kYear = 12 * kMonth;
constexpr std::int64_t kLongest = 100 * kYear;

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};
constexpr Unit kUnits[] = {{"", kSecond},       {"us", 1},
                           {"usec", 1},         {"µs", 1},
                           {"ms", 1000},        {"msec", 1000},
                           {"s", kSecond},      {"sec", kSecond},
                           {"second", kSecond}, {"seconds", kSecond},
                           {"m", kMinute},      {"min", kMinute},
                           {"minute", kMinute}, {"minutes", kMinute},
                           {"h", kHour},        {"hr", kHour},
                           {"hour", kHour},     {"hours", kHour},
                           {"d", kDay},         {"day", kDay},
                           {"days", kDay},      {"w", 7 * kDay},
                           {"week", 7 * kDay},  {"weeks", 7 * kDay},
                           {"M", kMonth},       {"month", kMonth},
                           {"months", kMonth},  {"y", kYear},
                           {"year", kYear},     {"years", kYear}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t")));
}

/// In millionths, which are cut off after the sixth decimal.
std::optional<std::int64_t> take_number(std::string_view& text) {
  constexpr std::int64_t kBeyond = INT64_MAX / 20;
  std::int64_t number = 0, scale = kSecond;
  bool any = false, point = false;
  for (; !text.empty() && (is_digit(text[0]) || (text[0] == '.' && !point)); text.remove_prefix(1)) {
    if (text[0] == '.') {
      point = true;
      continue;
    }
    any = true;
    const std::int64_t digit = text[0] - '0';
    if (!point) {
      number = number * 10 + digit * kSecond;
    } else if (scale > 1) {
      scale /= 10;
      number += digit * scale;
    }
    if (number > kBeyond) return std::nullopt;
  }
  return any ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<std::chrono::microseconds> parse_time_span(std::string_view text) {
  std::int64_t span = 0;
  skip_blanks(text);
  if (text.empty()) return std::nullopt;
  for (; !text.empty(); skip_blanks(text)) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    skip_blanks(text);
    const std::string_view name = text.substr(0, std::min(text.size(), text.find_first_of(" \t.0123456789")));
    text.remove_prefix(name.size());
    const auto* const unit =
        std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& u) { return u.name == name; });
    if (unit == std::end(kUnits)) return std::nullopt;
    const std::int64_t whole = *number / kSecond, part = *number % kSecond;
    if (whole > kLongest / unit->microseconds) return std::nullopt;
    // The part is in millionths of the unit.
    span += whole * unit->microseconds + (unit->microseconds / kSecond) * part +
            (unit->microseconds % kSecond) * part / kSecond;
    if (span > kLongest) return std::nullopt;
  }
  return std::chrono::microseconds(span);
}

std::string seconds_text(std::chrono::microseconds span) {
  std::string text = std::to_string(span.count() / kSecond);
  std::string part = std::to_string(span.count() % kSecond);
  if (part == "0") return text;
  part.insert(0, 6 - part.size(), '0');
  part.erase(part.find_last_not_of('0') + 1);
  return text + "." + part;
}

}  // namespace kindred
