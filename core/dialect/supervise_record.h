#pragma once
// The 18-byte prefix that four families' status records share: daemontools, encore, runit, nosh.

#include "core/base/bytes.h"
#include "core/base/tai64n.h"
#include "core/dialect/dialect.h"
#include "core/service/status_record.h"

namespace kindred {

///   offset size field   encoding
///        0   12 since   TAI64N label, big-endian
///       12    4 pid     little-endian; 0 when there is no process
///       16    1 paused  not 0: paused
///       17    1 want    'u' up, 'd' down, else once (daemontools, encore write 0)
inline constexpr std::size_t kSuperviseRecordSize = 18;

struct SuperviseRecord {
  WallTime since;
  std::uint32_t pid = 0;
  bool paused = false;
  char want = 0;
};

void put_supervise_record(ByteSpan out, const SuperviseRecord& record, TaiOffset rule);
[[nodiscard]] SuperviseRecord get_supervise_record(ByteView in, TaiOffset rule);

/// The prefix alone, as the whole record of a family that tells no more: `since` is when the pid last came or
/// went, or supervision began. Lossy: one pid for whichever script runs; no finish, no readiness, no exit
/// status, no exiting.
std::size_t encode_supervise_record(const GroupSnapshot& snapshot, Role role, ByteSpan out);
/// Takes the first 18 bytes of anything longer; refuses fewer.
[[nodiscard]] std::optional<DecodedStatus> decode_supervise_record(ByteView in);

/// 'u', 'd', or 0 for once.
[[nodiscard]] char want_byte(Want want);
[[nodiscard]] Want want_of_byte(char byte);

}  // namespace kindred
