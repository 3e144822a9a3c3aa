#pragma once
/// Points of time in words, as the tools of times take them.
///
///   @HEX             a TAI64 label of 16 digits, or a TAI64N one of 24
///   $VARIABLE        what the variable says, in turn; null where it is unset
///   >FILE, <FILE     when the file was written, or read, last; null where there is none
///   now  today       this moment; when this day began
///   boot  startup    when the system was started
///   zero  null       the label of all zeros; no time at all
///   iDATE TIME ZONE  2001-09-09T01:46:40 +0000, or with a blank for the T
///   DDATE  TTIME     local, with the rest from now
///
/// Source: interfaces/nosh-system.md section 4.7.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/chain/environment.h"

namespace kindred::nosh {

/// A label, which may be any: 2^62 seconds are the beginning of 1970.
struct Label {
  std::uint64_t seconds = 0;
  std::uint32_t nanos = 0;
  friend constexpr auto operator<=>(const Label&, const Label&) = default;
};
[[nodiscard]] Label label_of(WallTime at);
[[nodiscard]] WallTime wall_time_of(const Label& label);
[[nodiscard]] std::string text_of(const Label& label);

/// Where times come from.
struct TimeSources {
  WallTime now;
  WallTime boot;
  const Environment& environment;
  enum class FileTime : std::uint8_t { Written, Read };
  std::optional<WallTime> (*file_time)(const std::string& path, FileTime which);
};

/// nullopt within: null. Errors: code 0, object the expression.
[[nodiscard]] Result<std::optional<Label>> evaluate_time(std::string_view expression,
                                                         const TimeSources& sources);

/// How much longer than seconds is reckoned.
enum class Calendar : std::uint8_t {
  Local,  ///< in the days and months of the local calendar
  Fixed,  ///< a month is 2629800 seconds, a year 31557600
};
/// "1min 30s": numbers with their units behind them, blanks between the pairs. Errors: code 0, object the span.
[[nodiscard]] Result<Label> add_span(const Label& label, std::string_view span, Calendar calendar);

}  // namespace kindred::nosh
