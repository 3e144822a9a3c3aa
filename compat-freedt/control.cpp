#include "compat-freedt/control.h"

#include "core/dialect/letters.h"

namespace kindred::freedt {
namespace {

constexpr Letter kLetters[] = {
    {'u', Verb::Up, 0},           {'d', Verb::Down, 0},         {'o', Verb::Once, 0},
    {'x', Verb::Exit, 0},         {'p', Verb::Pause, 0},        {'c', Verb::Continue, 0},
    {'h', Verb::Signal, SIGHUP},  {'a', Verb::Signal, SIGALRM}, {'i', Verb::Signal, SIGINT},
    {'t', Verb::Signal, SIGTERM}, {'k', Verb::Signal, SIGKILL}, {kQuit, Verb::Quit, 0},
};

}  // namespace

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode&) {
  return decode_letter(kLetters, byte);
}

ControlBytes encode_control(const ControlCommand& command) {
  // TERM is this family's only stop signal, so Terminate and TERM are one letter.
  ControlCommand plain = command;
  if (plain.verb == Verb::Terminate) {
    plain.verb = Verb::Signal;
    plain.signal = SIGTERM;
  }
  return encode_letter(kLetters, plain);
}

}  // namespace kindred::freedt
