#include "compat-runit/control.h"

#include "core/dialect/letters.h"

namespace kindred::runit {
namespace {

constexpr Letter kLetters[] = {
    {'u', Verb::Up, 0},           {'d', Verb::Down, 0},         {'o', Verb::Once, 0},
    {'x', Verb::Exit, 0},         {'p', Verb::Pause, 0},        {'c', Verb::Continue, 0},
    {'t', Verb::Terminate, 0},    {'h', Verb::Signal, SIGHUP},  {'a', Verb::Signal, SIGALRM},
    {'i', Verb::Signal, SIGINT},  {'q', Verb::Signal, SIGQUIT}, {'1', Verb::Signal, SIGUSR1},
    {'2', Verb::Signal, SIGUSR2}, {'k', Verb::Signal, SIGKILL},
};

}  // namespace

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode&) {
  return decode_letter(kLetters, byte);
}

ControlBytes encode_control(const ControlCommand& command) {
  return encode_letter(kLetters, signal_as_stop(command));
}

}  // namespace kindred::runit
