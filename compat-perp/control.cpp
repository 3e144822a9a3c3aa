#include "compat-perp/control.h"

#include "core/dialect/letters.h"

namespace kindred::perp {
namespace {

constexpr Letter kLetters[] = {
    {'u', Verb::Up, 0},           {'d', Verb::Down, 0},          {'o', Verb::Once, 0},
    {'p', Verb::Pause, 0},        {'c', Verb::Continue, 0},      {'t', Verb::Terminate, 0},
    {'h', Verb::Signal, SIGHUP},  {'a', Verb::Signal, SIGALRM},  {'i', Verb::Signal, SIGINT},
    {'q', Verb::Signal, SIGQUIT}, {'1', Verb::Signal, SIGUSR1},  {'2', Verb::Signal, SIGUSR2},
    {'k', Verb::Signal, SIGKILL}, {'w', Verb::Signal, SIGWINCH},
};

}  // namespace

std::optional<CommandPair> decode_command(char command, std::uint8_t flags) {
  CommandPair pair;
  auto add = [&](char letter, Role role) {
    std::optional<ControlCommand> decoded = decode_letter(kLetters, static_cast<std::uint8_t>(letter));
    if (!decoded) return false;
    decoded->role = role;
    decoded->to_group = (flags & kToGroup) != 0;
    pair.push_back(*decoded);
    return true;
  };
  const bool for_log = (flags & kForLog) != 0;
  if (command == 'D') {
    if (!for_log) add('d', Role::Main), add('d', Role::Log);
    return pair;
  }
  if (command == 'U') {
    if (!for_log) add('u', Role::Log), add('u', Role::Main);
    return pair;
  }
  if (!add(command, for_log ? Role::Log : Role::Main)) return std::nullopt;
  return pair;
}

std::optional<Spelling> encode_command(const ControlCommand& command) {
  ControlCommand plain = command;
  plain.to_group = false;
  plain.role = Role::Main;
  const ControlBytes letter = encode_control(plain);
  if (letter.empty()) return std::nullopt;
  const unsigned flags = (command.role == Role::Log ? kForLog : 0U) | (command.to_group ? kToGroup : 0U);
  return Spelling{letter[0], static_cast<std::uint8_t>(flags)};
}

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode&) {
  return decode_letter(kLetters, byte);
}

ControlBytes encode_control(const ControlCommand& command) {
  return encode_letter(kLetters, signal_as_stop(command));
}

}  // namespace kindred::perp
