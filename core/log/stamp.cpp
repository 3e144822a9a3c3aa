#include "core/log/stamp.h"

#include <algorithm>
#include <ctime>

namespace kindred {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

/// Decimal digits of an integer below 10^digits, with leading zeros.
char* put_digits(char* out, std::uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + digits;
}

char* put_number(char* out, std::int64_t value) {
  std::array<char, 24> digits;
  auto rest = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *out++ = '-';
    rest = 0 - rest;
  }
  std::size_t count = 0;
  do digits[count++] = static_cast<char>('0' + rest % 10);
  while ((rest /= 10) != 0);
  while (count > 0) *out++ = digits[--count];
  return out;
}

char* put_label(char* out, WallTime at, TaiOffset rule) {
  std::array<std::uint8_t, kTai64nSize> label;
  put_tai64n(label, 0, at, rule);
  *out++ = '@';
  for (const std::uint8_t byte : label) {
    *out++ = kHex[byte >> 4];
    *out++ = kHex[byte & 15];
  }
  return out;
}

/// Year, month and day with separators (0: none); years beyond 9999 get more digits, negative ones a minus.
char* put_date(char* out, const std::tm& time, char separator) {
  const std::int64_t year = std::int64_t{time.tm_year} + 1900;
  out = year >= 0 && year <= 9999 ? put_digits(out, static_cast<std::uint64_t>(year), 4)
                                  : put_number(out, year);
  if (separator != 0) *out++ = separator;
  out = put_digits(out, static_cast<std::uint64_t>(time.tm_mon) + 1, 2);
  if (separator != 0) *out++ = separator;
  return put_digits(out, static_cast<std::uint64_t>(time.tm_mday), 2);
}

char* put_clock(char* out, const std::tm& time, char separator) {
  out = put_digits(out, static_cast<std::uint64_t>(time.tm_hour), 2);
  if (separator != 0) *out++ = separator;
  out = put_digits(out, static_cast<std::uint64_t>(time.tm_min), 2);
  if (separator != 0) *out++ = separator;
  return put_digits(out, static_cast<std::uint64_t>(time.tm_sec), 2);
}

/// A moment that no calendar has stands at its beginning: a stamp is never what stops a line.
std::tm broken_down(std::int64_t seconds, bool local) {
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm time{};
  if ((local ? localtime_r(&moment, &time) : gmtime_r(&moment, &time)) == nullptr) {
    time = std::tm{};
    time.tm_year = 70;
    time.tm_mday = 1;
  }
  return time;
}

std::size_t put_iso(char* out, WallTime at, bool local, char between, std::uint32_t fraction, int digits,
                    std::string_view end) {
  const std::tm time = broken_down(at.seconds, local);
  char* to = put_date(out, time, '-');
  *to++ = between;
  to = put_clock(to, time, ':');
  *to++ = '.';
  to = put_digits(to, fraction, digits);
  to = std::copy(end.begin(), end.end(), to);
  return static_cast<std::size_t>(to - out);
}

}  // namespace

std::size_t put_stamp(char* out, StampKind kind, WallTime at) {
  char* to = out;
  switch (kind) {
    case StampKind::None:
      return 0;
    case StampKind::Tai10:
    case StampKind::Tai:
      to = put_label(to, at, kind == StampKind::Tai10 ? TaiOffset::Constant10 : TaiOffset::LeapTable);
      *to++ = ' ';
      break;
    case StampKind::Seconds:
      to = put_number(to, at.seconds);
      *to++ = '.';
      to = put_digits(to, at.nanos / 1000, 6);
      *to++ = ' ';
      break;
    case StampKind::UtcBar:
      return put_iso(out, at, false, '_', at.nanos / 10000, 5, " ");
    case StampKind::UtcT:
      return put_iso(out, at, false, 'T', at.nanos / 10000, 5, " ");
    case StampKind::LocalIso:
      return put_iso(out, at, true, ' ', at.nanos, 9, "  ");
    case StampKind::UtcCompact: {
      const std::tm time = broken_down(at.seconds, false);
      to = put_date(to, time, 0);
      *to++ = 'T';
      to = put_clock(to, time, 0);
      *to++ = '.';
      to = put_digits(to, at.nanos / 1000, 6);
      *to++ = ':';
      *to++ = ' ';
      break;
    }
    case StampKind::Calendar: {
      const std::tm time = broken_down(at.seconds, true);
      to += std::strftime(to, kLongestStamp, "%a %b %e %H:%M:%S %Y: ", &time);
      break;
    }
  }
  return static_cast<std::size_t>(to - out);
}

std::size_t stamp_size(StampKind kind) {
  constexpr WallTime kLast{253'402'300'799, 999'999'999};  // 9999-12-31 23:59:59
  std::array<char, kLongestStamp> text;
  return put_stamp(text.data(), kind, kLast);
}

std::size_t put_second(char* out, std::int64_t seconds, bool local) {
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm time{};
  if ((local ? localtime_r(&moment, &time) : gmtime_r(&moment, &time)) == nullptr) return 0;
  const std::int64_t year = std::int64_t{time.tm_year} + 1900;
  if (year < 0) return 0;
  char* to = put_number(out, year);
  *to++ = '-';
  to = put_digits(to, static_cast<std::uint64_t>(time.tm_mon) + 1, 2);
  *to++ = '-';
  to = put_digits(to, static_cast<std::uint64_t>(time.tm_mday), 2);
  *to++ = ' ';
  return static_cast<std::size_t>(put_clock(to, time, ':') - out);
}

}  // namespace kindred
