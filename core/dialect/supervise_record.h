#pragma once
// The 18-byte prefix that four families' status records share: daemontools, encore, runit, nosh.

#include "core/base/bytes.h"
#include "core/base/tai64n.h"
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

/// 'u', 'd', or 0 for once.
[[nodiscard]] char want_byte(Want want);
[[nodiscard]] Want want_of_byte(char byte);

}  // namespace kindred
