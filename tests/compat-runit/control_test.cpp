#include "compat-runit/control.h"

#include <csignal>

#include "tests/core/codec.h"

namespace kindred::runit {
namespace {

/// The family's table. Source: interfaces/runit.md section 4.
constexpr std::pair<char, ControlCommand> kTable[] = {
    {'u', {.verb = Verb::Up}},
    {'d', {.verb = Verb::Down}},
    {'o', {.verb = Verb::Once}},
    {'x', {.verb = Verb::Exit}},
    {'p', {.verb = Verb::Pause}},
    {'c', {.verb = Verb::Continue}},
    {'t', {.verb = Verb::Terminate}},
    {'h', {.verb = Verb::Signal, .signal = SIGHUP}},
    {'a', {.verb = Verb::Signal, .signal = SIGALRM}},
    {'i', {.verb = Verb::Signal, .signal = SIGINT}},
    {'q', {.verb = Verb::Signal, .signal = SIGQUIT}},
    {'1', {.verb = Verb::Signal, .signal = SIGUSR1}},
    {'2', {.verb = Verb::Signal, .signal = SIGUSR2}},
    {'k', {.verb = Verb::Signal, .signal = SIGKILL}},
};

TEST(Control, EveryByteIsItsCommandOrNone) {
  for (int byte = 0; byte < 256; ++byte) {
    const auto command = test::decoded(kControlCodec, static_cast<char>(byte));
    const auto* const row = std::find_if(std::begin(kTable), std::end(kTable), [&](const auto& entry) {
      return entry.first == static_cast<char>(byte);
    });
    ASSERT_EQ(command.has_value(), row != std::end(kTable)) << byte;
    if (!command) continue;
    ControlCommand expected = row->second;
    expected.custom = static_cast<char>(byte);
    EXPECT_EQ(*command, expected) << byte;
  }
}

TEST(Control, EveryCommandIsSaidInItsByte) {
  for (const auto& [letter, command] : kTable)
    EXPECT_EQ(test::encoded(kControlCodec, command), std::string(1, letter));
}

TEST(Control, AnothersTermIsTheStopSequence) {
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Signal, .signal = SIGTERM}), "t");
}

TEST(Control, WhatTheFamilyCannotSayIsNotSaid) {
  for (const Verb verb : {Verb::OnceAtMost, Verb::NoRestart, Verb::Quit})
    EXPECT_EQ(test::encoded(kControlCodec, {.verb = verb}), "");
  for (const int signal : {SIGWINCH, SIGSTOP, SIGABRT, SIGTSTP})
    EXPECT_EQ(
        test::encoded(kControlCodec, {.verb = Verb::Signal, .signal = static_cast<std::uint8_t>(signal)}),
        "");
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Terminate, .to_group = true}), "");
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Signal, .signal = SIGTERM, .to_group = true}), "");
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Up, .keep_down_file = true}), "");
}

}  // namespace
}  // namespace kindred::runit
