#include "compat-freedt/control.h"

#include "core/dialect/supervise_parts.h"

namespace kindred::freedt {
namespace {

constexpr auto kLetters = letters_and(kSuperviseLetters, {{kQuit, Verb::Quit, 0}});

}  // namespace

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode&) {
  return decode_letter(kLetters, byte);
}

ControlBytes encode_control(const ControlCommand& command) {
  return encode_letter(kLetters, stop_as_signal(command));
}

}  // namespace kindred::freedt
