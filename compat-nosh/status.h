#pragma once
/// nosh's supervise/status: 87 bytes, rewritten in place by one write (readers keep the file open).
///
///   offset size field    encoding
///        0   12 since    TAI64N label, leap seconds counted (UNIX + 37 since 2017), big-endian: the latest
///                        start or end of a script, or the load
///       12    4 pid      of whichever script runs, little-endian; 0 when there is no process
///       16    1 paused   0 or 1
///       17    1 pending  'u', 'd', 'o', 'O', or 0 when nothing is pending
///       18    1 activity 0 stopped, 1 starting, 2 started, 3 running, 4 stopping, 5 restart runs ("failed")
///       19 4x17 ends     of start, run, restart, stop:
///         +0    1 code   0 not ended, 1 exited, 2 killed by a signal, 3 … and left a core
///         +1    4 number exit code or signal, BIG-endian
///         +5   12 at     TAI64N label
///
/// Older versions: 20 bytes (19 as above) and 39 (19, then four ends of 5 bytes without stamps). 18 bytes are
/// daemontools'.
///
/// Lossy: of what restarts, the want up is told only while something is still to be done for it; what another
/// family's service waits for before it starts again is 1 without a process, and one that failed for good 5
/// without a process. An end of which nobody knows how it came has code 2 and number 0. Source:
/// interfaces/nosh.md section 4. Errors: decode() refuses fewer than 18 bytes; an activity above 5 is no
/// error, but no phase either.

#include <array>

#include "core/base/tai64n.h"
#include "core/dialect/dialect.h"

namespace kindred::nosh {

inline constexpr std::size_t kStatusSize = 87;
inline constexpr std::size_t kStatusSizeFirst = 20;   ///< until 1.27
inline constexpr std::size_t kStatusSizeSecond = 39;  ///< 1.28 and 1.29
inline constexpr TaiOffset kTaiOffset = TaiOffset::LeapTable;

/// The bytes as they are, for clients that show just these.
struct StatusFields {
  struct End {
    bool there = false;    ///< all its bytes are
    bool stamped = false;  ///< … with a stamp
    std::uint8_t code = 0;
    std::uint32_t number = 0;
    std::uint64_t label = 0;  ///< the stamp's seconds, as they stand there
    WallTime at;
  };
  std::size_t size = 0;
  std::uint64_t label = 0;
  WallTime since;
  std::uint32_t pid = 0;
  bool paused = false;
  char pending = 0;
  std::optional<std::uint8_t> activity;  ///< only where there are more than 18 bytes
  std::array<End, kScripts> ends;

  [[nodiscard]] const End& end_of(Script script) const { return ends[static_cast<std::size_t>(script)]; }
};
/// nullopt for fewer than 18 bytes.
[[nodiscard]] std::optional<StatusFields> read_fields(ByteView in);

std::size_t encode_status(const GroupSnapshot& snapshot, Role role, ByteSpan out);
std::optional<DecodedStatus> decode_status(ByteView in);

inline constexpr StatusCodec kStatusCodec{
    .files = {{.name = "status", .encode = encode_status}},
    .record = "status",
    .decode = decode_status,
};

}  // namespace kindred::nosh
