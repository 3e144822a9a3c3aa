#pragma once
/// encore's supervise/status: a record of 20 bytes for the main process and, where the service has a log
/// program under the same supervise, a second one behind it (40 bytes), written together.
///
///   offset size field   encoding
///        0   12 since   TAI64N label (UNIX + 10), big-endian: when the pid last came or went, or supervision
///                       began
///       12    4 pid     of whichever script runs, little-endian; 0 when there is no process
///       16    1 paused  1 after `p`, 0 without a process
///       17    1 want    'u', 'd', or 0: wanted once, or started without a `run`
///       18    1 state   0 stopped (also while `stop` runs), 1 starting, 2 started without a `run`,
///                       3 running, 4 stopping, 5 failed
///       19    1         0
///
/// Lossy: one pid for whichever script runs; no readiness, no exit status, no exiting.
/// A log that is supervised apart has a record of its own, of 20 bytes.
///
/// The original leaves state 3 when run has died and is to be restarted, so that its svup takes a service
/// that dies every second for up. Here that is state 1: a start is due.
///
/// Source: interfaces/encore.md sections 3 and 10.2, and section 14 at 10. Errors: decode() refuses fewer than
/// 18 bytes; one of 18 is that of an older supervise, and tells no state, as the log's record does from 38
/// bytes on. A state above 5 is no error, since svstat prints such records: it decodes to no known phase;
/// another want byte says nothing, as in svstat: what is, is wanted.

#include "core/dialect/dialect.h"

namespace kindred::encore {

inline constexpr std::size_t kRecordSize = 20;

std::size_t encode_status(const GroupSnapshot& snapshot, Role role, ByteSpan out);
std::optional<DecodedStatus> decode_status(ByteView in);

inline constexpr StatusCodec kStatusCodec{
    .files = {{.name = "status", .encode = encode_status}},
    .record = "status",
    .decode = decode_status,
};

/// svstat's word for a state byte.
[[nodiscard]] const char* state_word(std::uint8_t state);
/// The state byte that says a record's phase.
[[nodiscard]] std::uint8_t state_byte(const StatusRecord& record);

}  // namespace kindred::encore
