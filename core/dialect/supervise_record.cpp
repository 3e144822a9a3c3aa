#include "core/dialect/supervise_record.h"

namespace kindred {
namespace {
constexpr std::size_t kPid = 12, kPaused = 16, kWant = 17;
}  // namespace

void put_supervise_record(ByteSpan out, const SuperviseRecord& record, TaiOffset rule) {
  put_tai64n(out, 0, record.since, rule);
  put_le<4>(out, kPid, record.pid);
  out[kPaused] = record.paused ? 1 : 0;
  out[kWant] = static_cast<std::uint8_t>(record.want);
}

SuperviseRecord get_supervise_record(ByteView in, TaiOffset rule) {
  return SuperviseRecord{get_tai64n(in, 0, rule), static_cast<std::uint32_t>(get_le<4>(in, kPid)),
                         in[kPaused] != 0, static_cast<char>(in[kWant])};
}

std::size_t encode_supervise_record(const GroupSnapshot& snapshot, Role role, ByteSpan out) {
  const StatusRecord& r = snapshot.of(role);
  put_supervise_record(
      out, {r.pid_changed, static_cast<std::uint32_t>(r.pid), r.paused && r.pid != 0, want_byte(r.want)},
      TaiOffset::Constant10);
  return kSuperviseRecordSize;
}

std::optional<DecodedStatus> decode_supervise_record(ByteView in) {
  if (in.size() < kSuperviseRecordSize) return std::nullopt;
  const SuperviseRecord told = get_supervise_record(in, TaiOffset::Constant10);
  DecodedStatus status;
  status.pid_only = true;
  StatusRecord& r = status.snapshot.main;
  r.pid = static_cast<std::int32_t>(told.pid);
  r.phase = told.pid != 0 ? Phase::Running : Phase::Stopped;
  r.want = want_of_byte(told.want);
  r.paused = told.paused;
  r.pid_changed = r.run_started = r.down_since = told.since;
  return status;
}

char want_byte(Want want) {
  switch (want) {
    case Want::Up:
      return 'u';
    case Want::Down:
      return 'd';
    case Want::Once:
      break;
  }
  return 0;
}

Want want_of_byte(char byte) { return byte == 'u' ? Want::Up : byte == 'd' ? Want::Down : Want::Once; }

}  // namespace kindred
