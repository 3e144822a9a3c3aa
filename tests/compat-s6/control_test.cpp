#include "compat-s6/control.h"

#include <csignal>

#include "tests/core/codec.h"

namespace kindred::s6 {
namespace {

/// The family's table. Source: interfaces/s6.md section 6.
constexpr std::pair<char, ControlCommand> kTable[] = {
    {'u', {.verb = Verb::Up}},
    {'d', {.verb = Verb::Down}},
    {'o', {.verb = Verb::Once}},
    {'O', {.verb = Verb::NoRestart}},
    {'x', {.verb = Verb::Exit}},
    {'p', {.verb = Verb::Pause}},
    {'c', {.verb = Verb::Continue}},
    {'r', {.verb = Verb::Terminate}},
    {'a', {.verb = Verb::Signal, .signal = SIGALRM}},
    {'b', {.verb = Verb::Signal, .signal = SIGABRT}},
    {'q', {.verb = Verb::Signal, .signal = SIGQUIT}},
    {'h', {.verb = Verb::Signal, .signal = SIGHUP}},
    {'k', {.verb = Verb::Signal, .signal = SIGKILL}},
    {'t', {.verb = Verb::Signal, .signal = SIGTERM}},
    {'i', {.verb = Verb::Signal, .signal = SIGINT}},
    {'1', {.verb = Verb::Signal, .signal = SIGUSR1}},
    {'2', {.verb = Verb::Signal, .signal = SIGUSR2}},
    {'y', {.verb = Verb::Signal, .signal = SIGWINCH}},
    {'U', {.verb = Verb::Up, .keep_down_file = true}},
    {'D', {.verb = Verb::Down, .keep_down_file = true}},
    {'Q', {.verb = Verb::NoRestart, .keep_down_file = true}},
};

constexpr std::pair<char, ControlCommand> kOfLaterReleases[] = {
    {'P', {.verb = Verb::Pause, .to_group = true}},
    {'C', {.verb = Verb::Continue, .to_group = true}},
    {'K', {.verb = Verb::Signal, .signal = SIGKILL, .to_group = true}},
};

TEST(Control, EveryByteIsItsCommandOrNone) {
  for (int byte = 0; byte < 256; ++byte) {
    std::optional<ControlCommand> expected;
    for (const auto& [letter, command] : kTable)
      if (letter == static_cast<char>(byte)) expected = command;
    for (const auto& [letter, command] : kOfLaterReleases)
      if (letter == static_cast<char>(byte)) expected = command;
    if (expected) expected->custom = static_cast<char>(byte);
    EXPECT_EQ(test::decoded(kControlCodec, static_cast<char>(byte)), expected) << byte;
  }
}

TEST(Control, EveryCommandIsSaidInItsByte) {
  for (const auto& [letter, command] : kTable)
    EXPECT_EQ(test::encoded(kControlCodec, command), std::string(1, letter));
}

TEST(Control, AtMostOnceIsNotWantedUp) {
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::OnceAtMost}), "O");
}

TEST(Control, WhatTheFamilyCannotSayIsNotSaid) {
  for (const auto& [letter, command] : kOfLaterReleases)
    EXPECT_EQ(test::encoded(kControlCodec, command), "") << letter;
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Quit}), "");
  for (const Verb verb : {Verb::Once, Verb::OnceAtMost, Verb::Exit})
    EXPECT_EQ(test::encoded(kControlCodec, {.verb = verb, .keep_down_file = true}), "");
  for (const int signal : {SIGTSTP, SIGSEGV, SIGCHLD})
    EXPECT_EQ(
        test::encoded(kControlCodec, {.verb = Verb::Signal, .signal = static_cast<std::uint8_t>(signal)}),
        "");
}

}  // namespace
}  // namespace kindred::s6
