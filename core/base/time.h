#pragma once
// Two clocks, two types: Instant only enters deadlines, WallTime only enters records.

#include <chrono>
#include <compare>
#include <cstdint>

namespace kindred {

using Duration = std::chrono::microseconds;

/// A moment on the monotonic clock, in microseconds since an arbitrary start.
struct Instant {
  std::int64_t micros = 0;
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant at, Duration by) { return Instant{at.micros + by.count()}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration{a.micros - b.micros}; }
  static constexpr Instant never() { return Instant{INT64_MAX}; }
  static constexpr Instant long_ago() { return Instant{INT64_MIN / 2}; }
};

/// A moment on the realtime clock: UNIX seconds (negative before 1970) and nanoseconds below 10^9.
/// Records read from a disk may hold any seconds, so arithmetic on them wraps.
struct WallTime {
  std::int64_t seconds = 0;
  std::uint32_t nanos = 0;
  friend constexpr auto operator<=>(const WallTime&, const WallTime&) = default;
};

/// Both clocks, read at one moment.
struct Now {
  Instant steady;
  WallTime wall;
};

}  // namespace kindred
