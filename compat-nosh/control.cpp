#include "compat-nosh/control.h"

#include "core/dialect/letters.h"

namespace kindred::nosh {
namespace {

constexpr Letter kLetters[] = {
    {'u', Verb::Up, 0},
    {'d', Verb::Down, 0},
    {'_', Verb::NoRestart, 0},
    {'o', Verb::Once, 0},
    {'O', Verb::OnceAtMost, 0},
    {'x', Verb::Exit, 0},
    {'p', Verb::Pause, 0},
    {'c', Verb::Continue, 0},
    {'h', Verb::Signal, SIGHUP},
    {'a', Verb::Signal, SIGALRM},
    {'i', Verb::Signal, SIGINT},
    {'t', Verb::Signal, SIGTERM},
    {'k', Verb::Signal, SIGKILL},
    {'q', Verb::Signal, SIGQUIT},
    {'1', Verb::Signal, SIGUSR1},
    {'2', Verb::Signal, SIGUSR2},
    {'w', Verb::Signal, SIGWINCH},
    {'z', Verb::Signal, SIGTSTP},
    // Written last: encoding takes the first row that fits.
    {'H', Verb::Signal, SIGHUP},
    {'T', Verb::Signal, SIGTERM},
    {'K', Verb::Signal, SIGKILL},
};

/// The relatives' custom control scripts have one letter a signal.
char common_letter(char letter) {
  switch (letter) {
    case 'H':
      return 'h';
    case 'T':
      return 't';
    case 'K':
      return 'k';
    default:
      return letter;
  }
}

}  // namespace

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode&) {
  std::optional<ControlCommand> command = decode_letter(kLetters, byte);
  if (command) command->custom = common_letter(command->custom);
  return command;
}

ControlBytes encode_control(const ControlCommand& command) {
  return encode_letter(kLetters, stop_as_signal(command));
}

}  // namespace kindred::nosh
