#pragma once
// Moments as people write them on a command line. Pure but for the local calendar.

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace kindred {

/// "now", "today", "yesterday", "15m" or "15m ago" (s m h d w), "12:00", "2024-05-01", "2024-05-01 12:00[:30]" (also with T), in
/// local time; "@SECONDS" of UNIX; a TAI64N label. nullopt: none of these.
[[nodiscard]] std::optional<WallTime> parse_moment(std::string_view text, WallTime now);

/// YYYY-MM-DD HH:MM:SS.ffffff in local time.
class LocalTimeText {
 public:
  /// Valid until the next call.
  [[nodiscard]] std::string_view of(WallTime at);

 private:
  std::int64_t second_ = INT64_MIN;
  std::string text_;
};

}  // namespace kindred
