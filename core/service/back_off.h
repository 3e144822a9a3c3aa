#pragma once
// How long a service that ends again and again waits before its next start: a file `kindred.d/back-off` of its directory,
// whatever its family. Pure.
//
//   first MILLISECONDS     the wait after the first end (1000)
//   factor PERCENT         each wait is so much of the one before (200); 100: they do not grow
//   most MILLISECONDS      none is longer (60000)
//   good-run MILLISECONDS  a run that lasted so long, and all before it is forgotten (60000)
//   failures NUMBER        after so many ends in a row it stays down, as if told to (0: never)
//
// A line each, in any order, each at most once; those that are left out have the values above. Lines that begin with #,
// and empty ones, mean nothing. The family's own pause counts where it is longer. Without the file, or with one that has
// anything else in it, the family's rule holds alone.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace kindred {

inline constexpr const char* kBackOffDirectory = "kindred.d";
inline constexpr const char* kBackOffFile = "kindred.d/back-off";
inline constexpr std::size_t kLongestBackOff = 512;  ///< bytes of the file

struct BackOff {
  Duration first = std::chrono::seconds(1);
  std::uint32_t percent = 200;
  Duration most = std::chrono::minutes(1);
  Duration good_run = std::chrono::minutes(1);
  std::uint32_t failures = 0;
  friend bool operator==(const BackOff&, const BackOff&) = default;
};

/// nullopt: a word that is none, a number that is none or too great (a day; 10000 percent), a line twice, or more bytes
/// than kLongestBackOff. No allocation.
[[nodiscard]] std::optional<BackOff> parse_back_off(std::string_view text) noexcept;
/// What parse_back_off() reads back.
[[nodiscard]] std::string format_back_off(const BackOff& rules);

/// The wait before the next start after so many ends in a row, 1 for the first. Total.
[[nodiscard]] Duration back_off_after(const BackOff& rules, std::uint32_t ends) noexcept;

}  // namespace kindred
