#include "compat-encore/control.h"

#include <csignal>

#include "tests/core/letter_checks.h"

namespace kindred::encore {
namespace {

/// The family's table. Source: interfaces/encore.md section 4.
const auto kTable = test::supervise_letters_and({
    {'q', {.verb = Verb::Signal, .signal = SIGQUIT}},
    {'1', {.verb = Verb::Signal, .signal = SIGUSR1}},
    {'2', {.verb = Verb::Signal, .signal = SIGUSR2}},
    {'w', {.verb = Verb::Signal, .signal = SIGWINCH}},
});

/// Every command of a stream.
std::vector<ControlCommand> stream(std::string_view bytes, ControlMode mode = 0) {
  std::vector<ControlCommand> commands;
  for (const char byte : bytes)
    if (const auto command = kControlCodec.decode(static_cast<std::uint8_t>(byte), mode))
      commands.push_back(*command);
  return commands;
}

TEST(Control, EveryByteIsItsCommandOrNone) { test::expect_letters(kControlCodec, kTable); }

TEST(Control, ModifiersHoldForAllThatFollows) {
  const std::vector<ControlCommand> commands = stream("tL+tk=tlt+t");
  const std::pair<Role, bool> kExpected[] = {{Role::Main, false}, {Role::Log, true},   {Role::Log, true},
                                             {Role::Log, false},  {Role::Main, false}, {Role::Main, true}};
  ASSERT_EQ(commands.size(), std::size(kExpected));
  for (std::size_t i = 0; i < commands.size(); ++i) {
    EXPECT_EQ(commands[i].role, kExpected[i].first) << i;
    EXPECT_EQ(commands[i].to_group, kExpected[i].second) << i;
  }
}

TEST(Control, AMessageThatBeginsAsSvcsDoInheritsNothing) {
  EXPECT_EQ(stream("L+kldx").back(), stream("x").back());
  EXPECT_EQ(stream("L+kld")[1], stream("d")[0]);
}

TEST(Control, ExitIsForTheSupervisorWhateverWasNamed) { EXPECT_EQ(stream("L+x"), stream("x")); }

TEST(Control, WhatIsSaidIsUnderstoodWhateverWasSaidBefore) {
  for (const auto& [letter, plain] : kTable)
    for (const Role role : {Role::Main, Role::Log})
      for (const bool to_group : {false, true}) {
        ControlCommand command = plain;
        command.custom = letter;
        if (letter != 'x') {
          command.role = role;
          command.to_group = to_group;
        }
        const std::string bytes = test::encoded(kControlCodec, command);
        for (ControlMode mode = 0; mode < 4; ++mode) {
          ASSERT_EQ(stream(bytes, mode).size(), 1U) << bytes;
          EXPECT_EQ(stream(bytes, mode)[0], command) << bytes;
          // And what another writer says next is not touched by it.
          EXPECT_EQ(stream(bytes + "t", mode).back(), stream("t")[0]) << bytes;
        }
      }
}

TEST(Control, TerminateIsTheTermOfThisFamily) {
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Terminate}), "l=t");
}

TEST(Control, WhatTheFamilyCannotSayIsNotSaid) {
  test::expect_unsaid(kControlCodec,
                      {{.verb = Verb::OnceAtMost},
                       {.verb = Verb::NoRestart},
                       {.verb = Verb::Quit},
                       {.verb = Verb::Exit, .role = Role::Log},
                       {.verb = Verb::Down, .keep_down_file = true}},
                      {SIGSTOP, SIGABRT, SIGCONT});
}

}  // namespace
}  // namespace kindred::encore
