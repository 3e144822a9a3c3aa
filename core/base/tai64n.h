#pragma once
// TAI64N labels: the 12 bytes (or 24 hex digits) with which the whole family stamps records and log lines.

#include <array>
#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "core/base/time.h"

namespace kindred {

inline constexpr std::size_t kTai64nSize = 12;
inline constexpr std::uint64_t kTai64Epoch = std::uint64_t{1} << 62;

/// What a family adds to the UNIX clock before it writes a label.
enum class TaiOffset : std::uint8_t {
  Constant10,  ///< UNIX + 10, no leap-second table: daemontools, encore, runit, perp
  LeapTable,   ///< true TAI, UNIX + 37 since 2017: s6, nosh
};

[[nodiscard]] std::int64_t tai_offset(TaiOffset rule, std::int64_t unix_seconds);

///   offset size field
///        0    8 2^62 + offset + UNIX seconds, big-endian
///        8    4 nanoseconds, big-endian
/// Total: any 12 bytes decode, and encode(decode(x)) == x under one rule with a constant offset.
void put_tai64n(ByteSpan out, std::size_t offset, WallTime at, TaiOffset rule);
[[nodiscard]] WallTime get_tai64n(ByteView in, std::size_t offset, TaiOffset rule);

/// A label in words: '@' and 24 lower-case hexadecimal digits.
[[nodiscard]] std::string tai64n_text(ByteView label);
[[nodiscard]] std::string tai64n_text(WallTime at, TaiOffset rule);

}  // namespace kindred
