#include "compat-s6/control.h"

#include "core/dialect/letters.h"

namespace kindred::s6 {
namespace {

constexpr Letter kLetters[] = {
    {'u', Verb::Up, 0},           {'d', Verb::Down, 0},         {'o', Verb::Once, 0},
    {'O', Verb::NoRestart, 0},    {'x', Verb::Exit, 0},         {'p', Verb::Pause, 0},
    {'c', Verb::Continue, 0},     {'r', Verb::Terminate, 0},    {'a', Verb::Signal, SIGALRM},
    {'b', Verb::Signal, SIGABRT}, {'q', Verb::Signal, SIGQUIT}, {'h', Verb::Signal, SIGHUP},
    {'k', Verb::Signal, SIGKILL}, {'t', Verb::Signal, SIGTERM}, {'i', Verb::Signal, SIGINT},
    {'1', Verb::Signal, SIGUSR1}, {'2', Verb::Signal, SIGUSR2}, {'y', Verb::Signal, SIGWINCH},
};

/// Those that see to the file `down` as well.
constexpr Letter kKeepingLetters[] = {
    {'U', Verb::Up, 0},
    {'D', Verb::Down, 0},
    {'Q', Verb::NoRestart, 0},
};

constexpr Letter kGroupLetters[] = {
    {'P', Verb::Pause, 0},
    {'C', Verb::Continue, 0},
    {'K', Verb::Signal, SIGKILL},
};

constexpr Letter kReloadLetter[] = {{'l', Verb::Signal, 0}};

}  // namespace

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode&) {
  std::optional<ControlCommand> command = decode_letter(kLetters, byte);
  if (command) return command;
  if ((command = decode_letter(kKeepingLetters, byte))) {
    command->keep_down_file = true;
    return command;
  }
  if ((command = decode_letter(kGroupLetters, byte))) {
    command->to_group = true;
    return command;
  }
  return decode_letter(kReloadLetter, byte);
}

ControlBytes encode_control(const ControlCommand& command) {
  ControlCommand plain = command;
  plain.keep_down_file = false;
  if (command.keep_down_file) return encode_letter(kKeepingLetters, plain);
  // Down or once is one to this family: both are not wanted up.
  if (plain.verb == Verb::OnceAtMost) plain.verb = Verb::NoRestart;
  return encode_letter(kLetters, plain);
}

}  // namespace kindred::s6
