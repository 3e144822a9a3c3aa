// perp's command characters. Source: interfaces/perp.md section 7.7.

#include "compat-perp/control.h"

#include <csignal>

#include "tests/core/codec.h"

namespace kindred::perp {
namespace {

ControlCommand single(char command, std::uint8_t flags = 0) {
  const auto pair = decode_command(command, flags);
  EXPECT_TRUE(pair && pair->size() == 1) << command;
  return pair && pair->size() == 1 ? (*pair)[0] : ControlCommand{};
}

TEST(Control, EachCharacterIsACommand) {
  const struct {
    char character;
    Verb verb;
    std::uint8_t signal;
  } rows[] = {{'u', Verb::Up, 0},           {'o', Verb::Once, 0},         {'d', Verb::Down, 0},
              {'p', Verb::Pause, 0},        {'c', Verb::Continue, 0},     {'t', Verb::Terminate, 0},
              {'a', Verb::Signal, SIGALRM}, {'h', Verb::Signal, SIGHUP},  {'i', Verb::Signal, SIGINT},
              {'k', Verb::Signal, SIGKILL}, {'q', Verb::Signal, SIGQUIT}, {'w', Verb::Signal, SIGWINCH},
              {'1', Verb::Signal, SIGUSR1}, {'2', Verb::Signal, SIGUSR2}};
  for (const auto& row : rows) {
    const ControlCommand command = single(row.character);
    EXPECT_EQ(command.verb, row.verb) << row.character;
    EXPECT_EQ(command.signal, row.signal) << row.character;
    EXPECT_EQ(command.role, Role::Main);
    EXPECT_FALSE(command.to_group);
    EXPECT_EQ(encode_command(command), (Spelling{row.character, 0})) << row.character;
  }
}

TEST(Control, FlagsSayWhomItIsFor) {
  EXPECT_EQ(single('t', kForLog).role, Role::Log);
  EXPECT_TRUE(single('t', kToGroup).to_group);
  EXPECT_EQ(single('t', kForLog | kToGroup), single('t', 0xff));
  EXPECT_EQ(encode_command(single('k', 0x03)), (Spelling{'k', 0x03}));
}

TEST(Control, DownAndUpOfBothAreTwoCommandsInOrder) {
  const auto down = decode_command('D', 0);
  ASSERT_TRUE(down && down->size() == 2);
  EXPECT_EQ((*down)[0], single('d'));
  EXPECT_EQ((*down)[1], single('d', kForLog));
  const auto up = decode_command('U', kToGroup);
  ASSERT_TRUE(up && up->size() == 2);
  EXPECT_EQ((*up)[0].role, Role::Log);
  EXPECT_EQ((*up)[1].role, Role::Main);
  for (const char both : {'D', 'U'}) {
    const auto nothing = decode_command(both, kForLog);
    ASSERT_TRUE(nothing) << both;
    EXPECT_TRUE(nothing->empty()) << both;
  }
}

TEST(Control, NothingElseIsACommand) {
  const std::string_view known = "uodpcahikqtw12DU";
  for (int byte = 0; byte < 256; ++byte) {
    const char character = static_cast<char>(byte);
    EXPECT_EQ(decode_command(character, 0).has_value(), known.find(character) != std::string_view::npos)
        << byte;
  }
}

TEST(Control, WhatTheFamilyHasNoCharacterForIsRefused) {
  for (const Verb verb : {Verb::Exit, Verb::Quit, Verb::OnceAtMost, Verb::NoRestart})
    EXPECT_FALSE(encode_command({.verb = verb}));
  EXPECT_FALSE(encode_command({.verb = Verb::Signal, .signal = SIGSEGV}));
  EXPECT_FALSE(encode_command({.verb = Verb::Down, .keep_down_file = true}));
  EXPECT_EQ(encode_command({.verb = Verb::Signal, .signal = SIGTERM}), (Spelling{'t', 0}));
}

TEST(Control, AStreamOfLettersIsReadAsTheRelativesDo) {
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Down}), "d");
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Exit}), "");
  EXPECT_EQ(test::decoded(kControlCodec, 'w')->signal, SIGWINCH);
  EXPECT_FALSE(test::decoded(kControlCodec, 'x'));
}

}  // namespace
}  // namespace kindred::perp
