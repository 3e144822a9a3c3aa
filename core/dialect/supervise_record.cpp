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
