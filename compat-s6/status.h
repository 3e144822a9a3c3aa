#pragma once
/// s6's supervise/status: 35 bytes, written to status.new and renamed.
///
///   offset size field   encoding
///        0   12 since   TAI64N label (true TAI, UNIX + 37 since 2017), big-endian: the start of run;
///                       once run is dead, the moment of its death; before the first start, that of the
///                       supervisor
///       12   12 ready   TAI64N label: when readiness came, or when the service had come to rest
///       24    8 pid     big-endian: of run; of finish while that runs; 0 when there is no process
///       32    2 wstat   big-endian: the latest end of run as wait(2) has it; at first 0
///       34    1 flags   1 paused, 2 finishing, 4 want up, 8 ready (down: finish is over); from 2.13.2 on 1 without a
///                       process says that there has been none yet, which is read, not written
///
/// Releases 2.13.0 to 2.13.2 wrote 43 bytes: 8 bytes with the process group stand before wstat. These are
/// read, not written.
///
/// Lossy: once is not wanted up; no exiting, nothing of the stop signals, no start script of its own.
/// Source: interfaces/s6.md section 4.
/// Errors: decode() refuses fewer than 35 bytes and a pid beyond 2^31; of a size that no release wrote it
/// reads the first 35 bytes, as the original does.

#include "core/dialect/dialect.h"

namespace kindred::s6 {

inline constexpr std::size_t kStatusSize = 35;
inline constexpr std::size_t kStatusSizeWithGroup = 43;

std::size_t encode_status(const GroupSnapshot& snapshot, Role role, ByteSpan out);
std::optional<DecodedStatus> decode_status(ByteView in);

/// How run ended, in two bytes of wait(2); 0 for an end that is not known.
[[nodiscard]] std::uint16_t wait_status(const ExitStatus& end);
[[nodiscard]] ExitStatus exit_status(std::uint16_t wait_status);

inline constexpr StatusCodec kStatusCodec{
    .files = {{.name = "status", .encode = encode_status}},
    .record = "status",
    .decode = decode_status,
};

}  // namespace kindred::s6
