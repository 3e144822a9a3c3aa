#pragma once
// The stamps that loggers put before lines. Pure.

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/tai64n.h"
#include "core/base/time.h"

namespace kindred {

///   kind        shape, and what separates it from the line
///   Tai10       @ and 24 hexadecimal digits, UNIX + 10, a blank: multilog t, svlogd -t, tai64n
///   Tai         likewise, leap seconds counted, a blank: s6-log t, cyclog
///   Seconds     SECONDS.MICROSECONDS and a blank: encore's T
///   UtcBar      YYYY-MM-DD_HH:MM:SS.fffff and a blank, UTC: svlogd -tt
///   UtcT        YYYY-MM-DDTHH:MM:SS.fffff and a blank, UTC: svlogd -ttt
///   LocalIso    YYYY-MM-DD HH:MM:SS.nnnnnnnnn and two blanks, local time: s6-log T
///   UtcCompact  YYYYMMDDTHHMMSS.uuuuuu, a colon and a blank, UTC: tinylog -t
///   Calendar    as ctime(3), local time, a colon and a blank: dumblog -c
/// Source: interfaces/daemontools.md section 9, interfaces/encore.md section 11, interfaces/runit.md section 10.1,
/// interfaces/s6.md section 12.1, interfaces/perp.md section 11, interfaces/nosh.md section 15,
/// interfaces/freedt.md section 6.4.
enum class StampKind : std::uint8_t {
  None,
  Tai10,
  Tai,
  Seconds,
  UtcBar,
  UtcT,
  LocalIso,
  UtcCompact,
  Calendar
};
inline constexpr std::size_t kStampKinds = 9;

inline constexpr std::size_t kLongestStamp = 48;

/// Writes the stamp and returns its length, at most kLongestStamp.
std::size_t put_stamp(char* out, StampKind kind, WallTime at);

/// How long such a stamp is until the year 10000.
[[nodiscard]] std::size_t stamp_size(StampKind kind);

/// Writes YYYY-MM-DD HH:MM:SS of a UNIX second, the year without leading zeros, and returns its length, at most
/// kLongestStamp; 0 where no calendar has the moment, or it lies before the year 0.
std::size_t put_second(char* out, std::int64_t seconds, bool local);

/// The stamps of one moment, each put into words when it is first asked for.
class Stamps {
 public:
  void set(WallTime at) {
    at_ = at;
    lengths_.fill(0);
  }
  [[nodiscard]] WallTime at() const { return at_; }
  [[nodiscard]] std::string_view text(StampKind kind) {
    if (kind == StampKind::None) return {};
    const auto index = static_cast<std::size_t>(kind);
    if (lengths_[index] == 0)
      lengths_[index] = static_cast<std::uint8_t>(put_stamp(texts_[index].data(), kind, at_));
    return {texts_[index].data(), lengths_[index]};
  }

 private:
  WallTime at_;
  std::array<std::uint8_t, kStampKinds> lengths_{};
  std::array<std::array<char, kLongestStamp>, kStampKinds> texts_;
};

}  // namespace kindred
