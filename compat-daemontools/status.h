#pragma once
/// daemontools' supervise/status: 18 bytes, written to status.new and renamed.
///
///   offset size field   encoding
///        0   12 since   TAI64N label (UNIX + 10), big-endian: when the pid last came or went, or
///                       supervision began
///       12    4 pid     of ./run, little-endian; 0 when there is no process
///       16    1 paused  1 after `p`, 0 without a process
///       17    1 want    'u', 'd', or 0 after `o`
///
/// Lossy: one pid for whichever script runs; no finish, no readiness, no exit status, no exiting.
/// Source: interfaces/daemontools.md section 3; its reader svstat takes the first 18 bytes of anything
/// longer. Errors: decode() refuses fewer than 18 bytes.

#include "core/dialect/supervise_parts.h"
#include "core/dialect/supervise_record.h"

namespace kindred::daemontools {

inline constexpr std::size_t kStatusSize = kSuperviseRecordSize;

inline constexpr StatusCodec kStatusCodec = kSuperviseStatus;

}  // namespace kindred::daemontools
