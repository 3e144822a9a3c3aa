#pragma once
// Control codecs whose commands are single letters, as a table: one row a letter serves both directions.

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <span>

#include "core/dialect/dialect.h"

namespace kindred {

struct Letter {
  char letter;
  Verb verb;
  std::uint8_t signal = 0;
};

[[nodiscard]] inline std::optional<ControlCommand> decode_letter(std::span<const Letter> table,
                                                                 std::uint8_t byte) {
  for (const Letter& row : table)
    if (static_cast<std::uint8_t>(row.letter) == byte)
      return ControlCommand{.verb = row.verb, .signal = row.signal, .custom = row.letter};
  return std::nullopt;
}

/// Empty where no letter says the command, or the command asks for what one letter cannot say.
[[nodiscard]] inline ControlBytes encode_letter(std::span<const Letter> table,
                                                const ControlCommand& command) {
  ControlBytes bytes;
  if (command.to_group || command.keep_down_file || command.role != Role::Main) return bytes;
  for (const Letter& row : table)
    if (row.verb == command.verb && row.signal == command.signal) {
      bytes.push_back(row.letter);
      break;
    }
  return bytes;
}

/// A table with further rows.
template <std::size_t N, std::size_t M>
[[nodiscard]] consteval std::array<Letter, N + M> letters_and(const Letter (&table)[N],
                                                              const Letter (&more)[M]) {
  std::array<Letter, N + M> both{};
  std::copy(table, table + N, both.begin());
  std::copy(more, more + M, both.begin() + N);
  return both;
}

/// For a family whose only stop signal is TERM, to terminate is to send TERM.
[[nodiscard]] inline ControlCommand stop_as_signal(ControlCommand command) {
  if (command.verb == Verb::Terminate) {
    command.verb = Verb::Signal;
    command.signal = SIGTERM;
  }
  return command;
}

/// For a family that has no TERM but its way to terminate, to send TERM is that.
[[nodiscard]] inline ControlCommand signal_as_stop(ControlCommand command) {
  if (command.verb == Verb::Signal && command.signal == SIGTERM) {
    command.verb = Verb::Terminate;
    command.signal = 0;
  }
  return command;
}

}  // namespace kindred
