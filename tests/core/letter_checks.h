#pragma once
// What the control tests of all families whose commands are letters have in common.

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests/core/codec.h"

namespace kindred::test {

/// A family's letters, written down once more from its contract: a letter and its command.
using LetterRow = std::pair<char, ControlCommand>;
using LetterTable = std::span<const LetterRow>;

/// Those that `supervise` has had since it was new, and a family's own behind them.
[[nodiscard]] inline std::vector<LetterRow> supervise_letters_and(std::initializer_list<LetterRow> more) {
  std::vector<LetterRow> table = {
      {'u', {.verb = Verb::Up}},
      {'d', {.verb = Verb::Down}},
      {'o', {.verb = Verb::Once}},
      {'x', {.verb = Verb::Exit}},
      {'p', {.verb = Verb::Pause}},
      {'c', {.verb = Verb::Continue}},
      {'h', {.verb = Verb::Signal, .signal = SIGHUP}},
      {'a', {.verb = Verb::Signal, .signal = SIGALRM}},
      {'i', {.verb = Verb::Signal, .signal = SIGINT}},
      {'t', {.verb = Verb::Signal, .signal = SIGTERM}},
      {'k', {.verb = Verb::Signal, .signal = SIGKILL}},
  };
  table.insert(table.end(), more);
  return table;
}

/// Each of the 256 bytes is the command of its row, or none.
inline void expect_letters(const ControlCodec& codec, LetterTable table) {
  for (int byte = 0; byte < 256; ++byte) {
    const char letter = static_cast<char>(byte);
    const auto row =
        std::find_if(table.begin(), table.end(), [&](const LetterRow& r) { return r.first == letter; });
    std::optional<ControlCommand> expected;
    if (row != table.end()) {
      expected = row->second;
      expected->custom = letter;
    }
    EXPECT_EQ(decoded(codec, letter), expected) << byte;
  }
}

inline void expect_said_in_letters(const ControlCodec& codec, LetterTable table) {
  for (const auto& [letter, command] : table) EXPECT_EQ(encoded(codec, command), std::string(1, letter));
}

/// None of these is said, and no signal of these is.
inline void expect_unsaid(const ControlCodec& codec, std::initializer_list<ControlCommand> commands,
                          std::initializer_list<int> signals) {
  for (const ControlCommand& command : commands)
    EXPECT_EQ(encoded(codec, command), "") << static_cast<int>(command.verb);
  for (const int signal : signals)
    EXPECT_EQ(encoded(codec, {.verb = Verb::Signal, .signal = static_cast<std::uint8_t>(signal)}), "")
        << signal;
}

}  // namespace kindred::test
