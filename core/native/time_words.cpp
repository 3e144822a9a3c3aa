#include "core/native/time_words.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "core/base/number.h"
#include "core/log/stamp_reader.h"

namespace kindred {
namespace {

std::optional<std::int64_t> unit_seconds(std::string_view unit) {
  struct Unit {
    std::string_view name;
    std::int64_t seconds;
  };
  static constexpr std::array<Unit, 6> kUnits{
      {{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}}};
  for (const Unit& each : kUnits)
    if (unit == each.name) return each.seconds;
  return std::nullopt;
}

std::int64_t midnight(WallTime now, int days_before) {
  const std::time_t seconds = now.seconds;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
  parts.tm_mday -= days_before;
  parts.tm_isdst = -1;
  return std::mktime(&parts);
}

/// All of the text is what the format says.
std::optional<std::tm> parts_of(const std::string& text, const char* format, const std::tm& otherwise) {
  std::tm parts = otherwise;
  const char* const end = strptime(text.c_str(), format, &parts);
  return end != nullptr && *end == '\0' ? std::optional(parts) : std::nullopt;
}

}  // namespace

std::optional<WallTime> parse_moment(std::string_view text, WallTime now) {
  if (text == "now") return now;
  if (text == "today") return WallTime{midnight(now, 0), 0};
  if (text == "yesterday") return WallTime{midnight(now, 1), 0};
  if (text.starts_with('@')) {
    if (const auto label = read_file_stamp(text, TaiOffset::Constant10); label && text.size() == 25)
      return label;
    const auto seconds = parse_unsigned<std::uint32_t>(text.substr(1));
    return seconds ? std::optional(WallTime{*seconds, 0}) : std::nullopt;
  }
  std::string_view span = text;
  if (span.ends_with(" ago")) span.remove_suffix(4);
  const std::size_t digits = span.find_first_not_of("0123456789");
  if (digits != 0 && digits != std::string_view::npos) {
    const auto count = parse_unsigned<std::uint32_t>(span.substr(0, digits));
    if (const auto unit = unit_seconds(span.substr(digits)); unit && count)
      return WallTime{now.seconds - *unit * *count, now.nanos};
  }
  const std::time_t seconds = midnight(now, 0);
  std::tm today{};
  localtime_r(&seconds, &today);
  const std::string copy(text);
  for (const char* format : {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M",
                             "%Y-%m-%d", "%H:%M:%S", "%H:%M"})
    if (std::optional<std::tm> parts = parts_of(copy, format, today)) {
      parts->tm_isdst = -1;
      return WallTime{std::mktime(&*parts), 0};
    }
  return std::nullopt;
}

std::string_view LocalTimeText::of(WallTime at) {
  constexpr std::size_t kFraction = 6;
  if (at.seconds != second_ || text_.empty()) {
    std::array<char, kLongestStamp> text;
    second_ = at.seconds;
    text_.assign(text.data(), put_second(text.data(), at.seconds, true));
    if (text_.empty()) text_ = "?";
    text_ += ".000000";
  }
  std::uint32_t micros = at.nanos / 1000;
  for (std::size_t i = 0; i < kFraction; ++i, micros /= 10)
    text_[text_.size() - 1 - i] = static_cast<char>('0' + micros % 10);
  return text_;
}

}  // namespace kindred
