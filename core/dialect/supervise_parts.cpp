#include "core/dialect/supervise_parts.h"

namespace kindred {

std::optional<ControlCommand> decode_supervise_letter(std::uint8_t byte, ControlMode&) {
  return decode_letter(kSuperviseLetters, byte);
}

ControlBytes encode_supervise_letter(const ControlCommand& command) {
  return encode_letter(kSuperviseLetters, stop_as_signal(command));
}

int recognise_supervise(const Evidence& e) {
  if (e.status_size != static_cast<std::int64_t>(kSuperviseRecordSize) || !e.has_control || !e.has_ok)
    return 0;
  return e.has_lock && !e.has_pid && !e.has_stat && !e.has_death_tally ? 90 : 0;
}

}  // namespace kindred
