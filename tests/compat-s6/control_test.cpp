#include "compat-s6/control.h"

#include <csignal>

#include "tests/core/letter_checks.h"

namespace kindred::s6 {
namespace {

/// The family's table. Source: interfaces/s6.md section 6.
constexpr test::LetterRow kTable[] = {
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

constexpr test::LetterRow kOfLaterReleases[] = {
    {'P', {.verb = Verb::Pause, .to_group = true}},
    {'C', {.verb = Verb::Continue, .to_group = true}},
    {'K', {.verb = Verb::Signal, .signal = SIGKILL, .to_group = true}},
    {'l', {.verb = Verb::Signal, .signal = 0}},
};

TEST(Control, EveryByteIsItsCommandOrNone) {
  std::vector<test::LetterRow> all(std::begin(kTable), std::end(kTable));
  all.insert(all.end(), std::begin(kOfLaterReleases), std::end(kOfLaterReleases));
  test::expect_letters(kControlCodec, all);
}

TEST(Control, EveryCommandIsSaidInItsByte) { test::expect_said_in_letters(kControlCodec, kTable); }

TEST(Control, AtMostOnceIsNotWantedUp) {
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::OnceAtMost}), "O");
}

TEST(Control, WhatTheFamilyCannotSayIsNotSaid) {
  for (const auto& [letter, command] : kOfLaterReleases)
    EXPECT_EQ(test::encoded(kControlCodec, command), "") << letter;
  test::expect_unsaid(kControlCodec,
                      {{.verb = Verb::Quit},
                       {.verb = Verb::Once, .keep_down_file = true},
                       {.verb = Verb::OnceAtMost, .keep_down_file = true},
                       {.verb = Verb::Exit, .keep_down_file = true}},
                      {SIGTSTP, SIGSEGV, SIGCHLD});
}

}  // namespace
}  // namespace kindred::s6
