#include "compat-nosh/chain/time_expression.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <vector>

#include "core/base/number.h"
#include "core/base/tai64n.h"

namespace kindred::nosh {
namespace {

constexpr std::uint32_t kNanosInSecond = 1'000'000'000;

Error bad(std::string_view expression) { return {0, "Bad time expression", std::string(expression)}; }

std::optional<Label> parse_label(std::string_view digits) {
  constexpr std::size_t kSeconds = 16, kWhole = 24;
  if (digits.size() != kSeconds && digits.size() != kWhole) return std::nullopt;
  Label label;
  const auto hex = [](std::string_view text, auto& number) {
    for (const char c : text) {
      const bool digit = c >= '0' && c <= '9', small = c >= 'a' && c <= 'f', capital = c >= 'A' && c <= 'F';
      if (!digit && !small && !capital) return false;
      number = static_cast<std::remove_reference_t<decltype(number)>>(
          number * 16 + static_cast<unsigned>(digit   ? c - '0'
                                              : small ? c - 'a' + 10
                                                      : c - 'A' + 10));
    }
    return true;
  };
  if (!hex(digits.substr(0, kSeconds), label.seconds) || !hex(digits.substr(kSeconds), label.nanos) ||
      label.nanos >= kNanosInSecond)
    return std::nullopt;
  return label;
}

std::optional<Label> label_of_local(std::tm& local) {
  local.tm_isdst = -1;
  const std::time_t seconds = std::mktime(&local);
  if (seconds == -1) return std::nullopt;
  return label_of({seconds, 0});
}

std::tm local_of(WallTime at) {
  const std::time_t seconds = at.seconds;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local;
}

/// The whole text is in this form.
bool reads(const std::string& text, const char* form, std::tm& into) {
  const char* const end = ::strptime(text.c_str(), form, &into);
  return end != nullptr && *end == '\0';
}

std::optional<Label> parse_civil(const std::string& text) {
  for (const char* const form : {"%FT%T %z", "%F %T %z"}) {
    std::tm civil{};
    if (!reads(text, form, civil)) continue;
    const long east = civil.tm_gmtoff;
    return label_of({::timegm(&civil) - east, 0});
  }
  return std::nullopt;
}

std::optional<Label> parse_local(const std::string& text, WallTime now,
                                 std::initializer_list<const char*> forms) {
  for (const char* const form : forms) {
    std::tm local = local_of(now);
    if (reads(text, form, local)) return label_of_local(local);
  }
  return std::nullopt;
}

struct Evaluation {
  const TimeSources& sources;
  std::vector<std::string> variables = {};  ///< that are being evaluated

  Result<std::optional<Label>> of(std::string_view expression) {
    const auto found = [&](const std::optional<Label>& label) -> Result<std::optional<Label>> {
      if (!label) return bad(expression);
      return label;
    };
    const auto null = [] { return std::optional<Label>(); };
    if (expression.empty()) return bad(expression);
    const std::string rest(expression.substr(1));
    switch (expression[0]) {
      case '@':
        return found(parse_label(rest));
      case '$': {
        if (std::ranges::find(variables, rest) != variables.end()) return bad(expression);
        const auto value = sources.environment.value(rest);
        if (!value) return null();
        variables.push_back(rest);
        return of(*value);
      }
      case '>':
      case '<': {
        if (rest.empty()) return bad(expression);
        const auto at = sources.file_time(
            rest, expression[0] == '>' ? TimeSources::FileTime::Written : TimeSources::FileTime::Read);
        return at ? std::optional(label_of(*at)) : null();
      }
      case 'i':
        return found(parse_civil(rest));
      case 'D':
        return found(parse_local(rest, sources.now, {"%F", "%x"}));
      case 'T':
        return found(parse_local(rest, sources.now, {"%T", "%X"}));
      default:
        break;
    }
    if (expression == "now") return std::optional(label_of(sources.now));
    if (expression == "boot" || expression == "startup") return std::optional(label_of(sources.boot));
    if (expression == "zero") return std::optional(Label());
    if (expression == "null") return null();
    if (expression != "today") return bad(expression);
    std::tm local = local_of(sources.now);
    local.tm_hour = local.tm_min = local.tm_sec = 0;
    return found(label_of_local(local));
  }
};

enum class Part : std::uint8_t { Nanos, Seconds, Minutes, Hours, Days, Months, Years };
struct Unit {
  std::string_view name;
  Part part;
  std::uint64_t factor = 1;
};
constexpr Unit kUnits[] = {
    {"ns", Part::Nanos},
    {"nsec", Part::Nanos},
    {"us", Part::Nanos, 1000},
    {"usec", Part::Nanos, 1000},
    {"\u00b5s", Part::Nanos, 1000},
    {"ms", Part::Nanos, 1'000'000},
    {"msec", Part::Nanos, 1'000'000},
    {"s", Part::Seconds},
    {"sec", Part::Seconds},
    {"second", Part::Seconds},
    {"seconds", Part::Seconds},
    {"m", Part::Minutes},
    {"min", Part::Minutes},
    {"minute", Part::Minutes},
    {"minutes", Part::Minutes},
    {"h", Part::Hours},
    {"hr", Part::Hours},
    {"hour", Part::Hours},
    {"hours", Part::Hours},
    {"d", Part::Days},
    {"day", Part::Days},
    {"days", Part::Days},
    {"w", Part::Days, 7},
    {"wk", Part::Days, 7},
    {"week", Part::Days, 7},
    {"weeks", Part::Days, 7},
    {"fortnight", Part::Days, 14},
    {"fortnights", Part::Days, 14},
    {"M", Part::Months},
    {"mon", Part::Months},
    {"month", Part::Months},
    {"months", Part::Months},
    {"y", Part::Years},
    {"yr", Part::Years},
    {"year", Part::Years},
    {"years", Part::Years},
};

std::uint64_t fixed_seconds(Part part) {
  switch (part) {
    case Part::Minutes:
      return 60;
    case Part::Hours:
      return 3600;
    case Part::Days:
      return 86400;
    case Part::Months:
      return 2'629'800;
    case Part::Years:
      return 31'557'600;
    default:
      return 1;
  }
}

/// False where the sum is no label.
bool add(Label& label, Part part, std::uint64_t count, Calendar calendar) {
  if (part == Part::Nanos) {
    const std::uint64_t nanos = label.nanos + count % kNanosInSecond;
    label.nanos = static_cast<std::uint32_t>(nanos % kNanosInSecond);
    return !__builtin_add_overflow(label.seconds, count / kNanosInSecond + nanos / kNanosInSecond,
                                   &label.seconds);
  }
  if (part == Part::Seconds || calendar == Calendar::Fixed) {
    std::uint64_t seconds = 0;
    return !__builtin_mul_overflow(count, fixed_seconds(part), &seconds) &&
           !__builtin_add_overflow(label.seconds, seconds, &label.seconds);
  }
  // The calendar's fields are ints.
  constexpr std::uint64_t kMost = 1'000'000'000;
  if (count > kMost) return false;
  std::tm local = local_of(wall_time_of(label));
  int& field = part == Part::Minutes  ? local.tm_min
               : part == Part::Hours  ? local.tm_hour
               : part == Part::Days   ? local.tm_mday
               : part == Part::Months ? local.tm_mon
                                      : local.tm_year;
  if (__builtin_add_overflow(field, static_cast<int>(count), &field)) return false;
  const auto sum = label_of_local(local);
  if (!sum) return false;
  label.seconds = sum->seconds;
  return true;
}

}  // namespace

Label label_of(WallTime at) {
  const std::int64_t offset = tai_offset(TaiOffset::LeapTable, at.seconds);
  return {kTai64Epoch + static_cast<std::uint64_t>(at.seconds) + static_cast<std::uint64_t>(offset),
          at.nanos};
}

WallTime wall_time_of(const Label& label) {
  std::array<std::uint8_t, kTai64nSize> bytes{};
  put_be<8>(bytes, 0, label.seconds);
  put_be<4>(bytes, 8, label.nanos);
  return get_tai64n(bytes, 0, TaiOffset::LeapTable);
}

std::string text_of(const Label& label) {
  std::array<std::uint8_t, kTai64nSize> bytes{};
  put_be<8>(bytes, 0, label.seconds);
  put_be<4>(bytes, 8, label.nanos);
  return tai64n_text(bytes);
}

Result<std::optional<Label>> evaluate_time(std::string_view expression, const TimeSources& sources) {
  return Evaluation{sources}.of(expression);
}

Result<Label> add_span(const Label& label, std::string_view span, Calendar calendar) {
  constexpr std::string_view kBlanks = " \t\n", kDigits = "0123456789";
  Label sum = label;
  std::string_view rest = span;
  for (;;) {
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(kBlanks)));
    if (rest.empty()) return sum;
    const std::string_view digits = rest.substr(0, rest.find_first_not_of(kDigits));
    const auto number = parse_unsigned<std::uint64_t>(digits);
    rest.remove_prefix(digits.size());
    const std::string_view name = rest.substr(0, rest.find_first_of(" \t\n0123456789"));
    rest.remove_prefix(name.size());
    const auto* const unit = std::ranges::find(kUnits, name, &Unit::name);
    std::uint64_t count = 0;
    if (!number || unit == std::end(kUnits) || __builtin_mul_overflow(*number, unit->factor, &count) ||
        !add(sum, unit->part, count, calendar))
      return Error{0, "Bad time span", std::string(span)};
  }
}

}  // namespace kindred::nosh
