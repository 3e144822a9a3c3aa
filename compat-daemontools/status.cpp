#include "compat-daemontools/status.h"

#include "core/dialect/supervise_record.h"

namespace kindred::daemontools {

static_assert(kStatusSize == kSuperviseRecordSize);

std::size_t encode_status(const GroupSnapshot& snapshot, Role role, ByteSpan out) {
  const StatusRecord& r = snapshot.of(role);
  put_supervise_record(
      out, {r.pid_changed, static_cast<std::uint32_t>(r.pid), r.paused && r.pid != 0, want_byte(r.want)},
      TaiOffset::Constant10);
  return kStatusSize;
}

std::optional<DecodedStatus> decode_status(ByteView in) {
  if (in.size() < kStatusSize) return std::nullopt;
  const SuperviseRecord told = get_supervise_record(in, TaiOffset::Constant10);
  DecodedStatus status;
  StatusRecord& r = status.snapshot.main;
  r.pid = static_cast<std::int32_t>(told.pid);
  r.phase = told.pid != 0 ? Phase::Running : Phase::Stopped;
  r.want = want_of_byte(told.want);
  r.paused = told.paused;
  r.pid_changed = r.run_started = r.down_since = told.since;
  return status;
}

}  // namespace kindred::daemontools
