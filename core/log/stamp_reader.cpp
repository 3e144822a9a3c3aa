#include "core/log/stamp_reader.h"

#include <array>
#include <ctime>

namespace kindred {
namespace {

constexpr std::size_t kLabel = 25;

constexpr std::array<std::int8_t, 256> kHex = [] {
  std::array<std::int8_t, 256> table{};
  for (std::int8_t& value : table) value = -1;
  for (int i = 0; i < 10; ++i) table[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i)
    table[static_cast<std::size_t>('a' + i)] = table[static_cast<std::size_t>('A' + i)] =
        static_cast<std::int8_t>(10 + i);
  return table;
}();

/// @ and 24 hexadecimal digits.
std::optional<WallTime> read_label(std::string_view text, TaiOffset rule) {
  if (text.size() < kLabel || text[0] != '@') return std::nullopt;
  std::array<std::uint8_t, kTai64nSize> bytes;
  int bad = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = kHex[static_cast<std::uint8_t>(text[1 + 2 * i])];
    const int low = kHex[static_cast<std::uint8_t>(text[2 + 2 * i])];
    bad |= high | low;
    bytes[i] = static_cast<std::uint8_t>(static_cast<unsigned>(high) << 4U | static_cast<unsigned>(low));
  }
  if (bad < 0) return std::nullopt;
  return get_tai64n(bytes, 0, rule);
}

/// Reads what a pattern says off the front of a text: digits for each letter, anything else as it stands.
class Fields {
 public:
  explicit Fields(std::string_view text) : text_(text) {}

  /// `count` digits.
  bool number(std::size_t count, int& into) {
    if (text_.size() - at_ < count) return false;
    into = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const char c = text_[at_ + i];
      if (c < '0' || c > '9') return false;
      into = into * 10 + (c - '0');
    }
    at_ += count;
    return true;
  }
  bool literal(std::string_view text) {
    if (text_.substr(at_, text.size()) != text) return false;
    at_ += text.size();
    return true;
  }
  /// One to nine digits after a point, as nanoseconds.
  bool fraction(std::uint32_t& nanos) {
    nanos = 0;
    std::uint32_t unit = 1'000'000'000;
    std::size_t digits = 0;
    for (; at_ + digits < text_.size() && digits < 9; ++digits) {
      const char c = text_[at_ + digits];
      if (c < '0' || c > '9') break;
      unit /= 10;
      nanos += static_cast<std::uint32_t>(c - '0') * unit;
    }
    at_ += digits;
    return digits > 0;
  }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

struct Civil {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  [[nodiscard]] bool valid() const {
    return month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second <= 60;
  }
};

/// The day count of the proleptic Gregorian calendar, from 1970.
std::int64_t days(const Civil& c) {
  const std::int64_t year = c.month <= 2 ? c.year - 1 : c.year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

std::int64_t utc_seconds(const Civil& c) {
  return days(c) * 86400 + std::int64_t{c.hour} * 3600 + c.minute * 60 + c.second;
}

/// Of a time in the local calendar, where an hour may come twice: the C library's choice.
std::int64_t local_seconds(const Civil& c) {
  // Lines come by the thousand in one minute.
  thread_local Civil last_minute;
  thread_local std::int64_t last_seconds = 0;
  Civil minute = c;
  minute.second = 0;
  if (minute.year != last_minute.year || minute.month != last_minute.month || minute.day != last_minute.day ||
      minute.hour != last_minute.hour || minute.minute != last_minute.minute) {
    std::tm parts{};
    parts.tm_year = c.year - 1900;
    parts.tm_mon = c.month - 1;
    parts.tm_mday = c.day;
    parts.tm_hour = c.hour;
    parts.tm_min = c.minute;
    parts.tm_isdst = -1;
    last_seconds = std::mktime(&parts);
    last_minute = minute;
  }
  return last_seconds + c.second;
}

bool read_time(Fields& fields, Civil& c, std::string_view colon) {
  return fields.number(2, c.hour) && fields.literal(colon) && fields.number(2, c.minute) &&
         fields.literal(colon) && fields.number(2, c.second);
}

/// YYYY-MM-DD, then _ or T or a blank, HH:MM:SS.f…, then a blank, two where the middle is one.
LineStamp read_dashed(std::string_view line) {
  Fields fields(line);
  Civil c;
  std::uint32_t nanos;
  if (!fields.number(4, c.year) || !fields.literal("-") || !fields.number(2, c.month) ||
      !fields.literal("-") || !fields.number(2, c.day))
    return {};
  const StampKind kind = fields.literal("_")   ? StampKind::UtcBar
                         : fields.literal("T") ? StampKind::UtcT
                         : fields.literal(" ") ? StampKind::LocalIso
                                               : StampKind::None;
  if (kind == StampKind::None || !read_time(fields, c, ":") || !fields.literal(".") ||
      !fields.fraction(nanos) || !fields.literal(kind == StampKind::LocalIso ? "  " : " ") || !c.valid())
    return {};
  return {kind, {kind == StampKind::LocalIso ? local_seconds(c) : utc_seconds(c), nanos}, fields.at()};
}

/// YYYYMMDDTHHMMSS.u…
bool read_compact(Fields& fields, WallTime& at) {
  Civil c;
  if (!fields.number(4, c.year) || !fields.number(2, c.month) || !fields.number(2, c.day) ||
      !fields.literal("T") || !read_time(fields, c, "") || !fields.literal(".") ||
      !fields.fraction(at.nanos) || !c.valid())
    return false;
  at.seconds = utc_seconds(c);
  return true;
}

/// SECONDS.MICROSECONDS and a blank.
LineStamp read_seconds(std::string_view line) {
  constexpr std::size_t kMost = 12;
  const std::size_t point = line.substr(0, kMost + 1).find('.');
  if (point == std::string_view::npos || point < 9) return {};
  WallTime at;
  for (const char c : line.substr(0, point)) {
    if (c < '0' || c > '9') return {};
    at.seconds = at.seconds * 10 + (c - '0');
  }
  Fields fields(line.substr(point + 1));
  if (!fields.fraction(at.nanos) || !fields.literal(" ")) return {};
  return {StampKind::Seconds, at, point + 1 + fields.at()};
}

/// "Thu Jan  1 00:00:00 1970: "
LineStamp read_calendar(std::string_view line) {
  constexpr std::string_view kDays = "SunMonTueWedThuFriSat",
                             kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  constexpr std::size_t kSize = 26;
  if (line.size() < kSize) return {};
  const auto place = [](std::string_view all, std::string_view word) {
    const std::size_t at = all.find(word);
    return at == std::string_view::npos || at % 3 != 0 ? -1 : static_cast<int>(at / 3);
  };
  if (place(kDays, line.substr(0, 3)) < 0 || line[3] != ' ' || line[7] != ' ') return {};
  Civil c;
  c.month = place(kMonths, line.substr(4, 3)) + 1;
  Fields fields(line.substr(line[8] == ' ' ? 9 : 8));
  if (!fields.number(line[8] == ' ' ? 1 : 2, c.day) || !fields.literal(" ") || !read_time(fields, c, ":") ||
      !fields.literal(" ") || !fields.number(4, c.year) || !fields.literal(": ") || !c.valid())
    return {};
  return {StampKind::Calendar, {local_seconds(c), 0}, kSize};
}

}  // namespace

LineStamp read_stamp(std::string_view line, TaiOffset labels) {
  if (line.empty()) return {};
  const char first = line[0];
  if (first == '@') {
    if (line.size() <= kLabel || line[kLabel] != ' ') return {};
    const std::optional<WallTime> at = read_label(line, labels);
    if (!at) return {};
    return {labels == TaiOffset::Constant10 ? StampKind::Tai10 : StampKind::Tai, *at, kLabel + 1};
  }
  if (first >= '0' && first <= '9') {
    if (line.size() > 4 && line[4] == '-') return read_dashed(line);
    if (line.size() > 8 && line[8] == 'T') {
      Fields fields(line);
      WallTime at;
      if (!read_compact(fields, at) || !fields.literal(": ")) return {};
      return {StampKind::UtcCompact, at, fields.at()};
    }
    return read_seconds(line);
  }
  return first >= 'A' && first <= 'Z' ? read_calendar(line) : LineStamp{};
}

std::optional<WallTime> read_file_stamp(std::string_view name, TaiOffset labels) {
  if (name.starts_with('@')) return read_label(name, labels);
  if (!name.starts_with('_')) return std::nullopt;
  Fields fields(name.substr(1));
  WallTime at;
  return read_compact(fields, at) ? std::optional(at) : std::nullopt;
}

TaiOffset rule_of_labels(WallTime stamp, WallTime file_changed) {
  // Clocks of a stamp and of a file system may differ by a tick.
  constexpr std::int64_t kTolerance = 2;
  return stamp.seconds > file_changed.seconds + kTolerance ? TaiOffset::LeapTable : TaiOffset::Constant10;
}

}  // namespace kindred
