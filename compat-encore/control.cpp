#include "compat-encore/control.h"

#include "core/dialect/letters.h"

namespace kindred::encore {
namespace {

constexpr Letter kLetters[] = {
    {'u', Verb::Up, 0},           {'d', Verb::Down, 0},         {'o', Verb::Once, 0},
    {'x', Verb::Exit, 0},         {'p', Verb::Pause, 0},        {'c', Verb::Continue, 0},
    {'a', Verb::Signal, SIGALRM}, {'h', Verb::Signal, SIGHUP},  {'i', Verb::Signal, SIGINT},
    {'k', Verb::Signal, SIGKILL}, {'t', Verb::Signal, SIGTERM}, {'q', Verb::Signal, SIGQUIT},
    {'1', Verb::Signal, SIGUSR1}, {'2', Verb::Signal, SIGUSR2}, {'w', Verb::Signal, SIGWINCH},
};

constexpr ControlMode kLog = 1, kGroup = 2;

}  // namespace

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode& mode) {
  switch (byte) {
    case 'l':
      mode = 0;
      return std::nullopt;
    case 'L':
      mode |= kLog;
      return std::nullopt;
    case '+':
      mode |= kGroup;
      return std::nullopt;
    case '=':
      mode &= static_cast<ControlMode>(~kGroup);
      return std::nullopt;
    default:
      break;
  }
  std::optional<ControlCommand> command = decode_letter(kLetters, byte);
  if (command && command->verb != Verb::Exit) {
    command->role = (mode & kLog) != 0 ? Role::Log : Role::Main;
    command->to_group = (mode & kGroup) != 0;
  }
  return command;
}

ControlBytes encode_control(const ControlCommand& command) {
  ControlCommand plain = command;
  // TERM is this family's only stop signal, so Terminate and TERM are one letter.
  if (plain.verb == Verb::Terminate) {
    plain.verb = Verb::Signal;
    plain.signal = SIGTERM;
  }
  plain.to_group = false;
  plain.role = Role::Main;
  const ControlBytes letter = encode_letter(kLetters, plain);
  const bool log = command.role == Role::Log;
  // The supervisor cannot leave the log alone.
  if (letter.empty() || (log && plain.verb == Verb::Exit)) return {};
  ControlBytes bytes{log ? 'L' : 'l', command.to_group ? '+' : '=', letter[0]};
  if (log) bytes.push_back('l');
  if (command.to_group) bytes.push_back('=');
  return bytes;
}

}  // namespace kindred::encore
