#include "core/base/tai64n.h"

namespace kindred {
namespace {

// The UNIX second from which each leap second counts; the first offset is 10 (1972-01-01).
constexpr std::int64_t kLeapSeconds[] = {
    78796800,  94694400,  126230400, 157766400, 189302400,  220924800,  252460800,  283996800,  315532800,
    362793600, 394329600, 425865600, 489024000, 567993600,  631152000,  662688000,  709948800,  741484800,
    773020800, 820454400, 867715200, 915148800, 1136073600, 1230768000, 1341100800, 1435708800, 1483228800,
};

}  // namespace

std::int64_t tai_offset(TaiOffset rule, std::int64_t unix_seconds) {
  std::int64_t offset = 10;
  if (rule == TaiOffset::LeapTable)
    for (std::int64_t from : kLeapSeconds)
      if (unix_seconds >= from) ++offset;
  return offset;
}

void put_tai64n(ByteSpan out, std::size_t offset, WallTime at, TaiOffset rule) {
  const auto seconds = static_cast<std::uint64_t>(at.seconds);
  put_be<8>(out, offset, kTai64Epoch + seconds + static_cast<std::uint64_t>(tai_offset(rule, at.seconds)));
  put_be<4>(out, offset + 8, at.nanos);
}

WallTime get_tai64n(ByteView in, std::size_t offset, TaiOffset rule) {
  const std::uint64_t tai = get_be<8>(in, offset) - kTai64Epoch;
  // The table is asked with the label's own second: right but within the leap second itself.
  const auto guess = static_cast<std::int64_t>(tai - 10);
  std::int64_t shift = tai_offset(rule, guess);
  shift = tai_offset(rule, static_cast<std::int64_t>(tai - static_cast<std::uint64_t>(shift)));
  return WallTime{static_cast<std::int64_t>(tai - static_cast<std::uint64_t>(shift)),
                  static_cast<std::uint32_t>(get_be<4>(in, offset + 8))};
}

std::string tai64n_text(ByteView label) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "@";
  for (const std::uint8_t byte : label.first(kTai64nSize)) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string tai64n_text(WallTime at, TaiOffset rule) {
  std::uint8_t label[kTai64nSize];
  put_tai64n(label, 0, at, rule);
  return tai64n_text(label);
}

}  // namespace kindred
