#include "compat-encore/control.h"

#include "core/dialect/supervise_parts.h"

namespace kindred::encore {
namespace {

constexpr auto kLetters = letters_and(kSuperviseLetters, {{'q', Verb::Signal, SIGQUIT},
                                                          {'1', Verb::Signal, SIGUSR1},
                                                          {'2', Verb::Signal, SIGUSR2},
                                                          {'w', Verb::Signal, SIGWINCH}});

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
  ControlCommand plain = stop_as_signal(command);
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
