#include "compat-runit/control.h"

#include <csignal>

#include "tests/core/letter_checks.h"

namespace kindred::runit {
namespace {

/// The family's table. Source: interfaces/runit.md section 4.
constexpr test::LetterRow kTable[] = {
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

TEST(Control, EveryByteIsItsCommandOrNone) { test::expect_letters(kControlCodec, kTable); }

TEST(Control, EveryCommandIsSaidInItsByte) { test::expect_said_in_letters(kControlCodec, kTable); }

TEST(Control, AnothersTermIsTheStopSequence) {
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Signal, .signal = SIGTERM}), "t");
}

TEST(Control, WhatTheFamilyCannotSayIsNotSaid) {
  test::expect_unsaid(kControlCodec,
                      {{.verb = Verb::OnceAtMost},
                       {.verb = Verb::NoRestart},
                       {.verb = Verb::Quit},
                       {.verb = Verb::Terminate, .to_group = true},
                       {.verb = Verb::Signal, .signal = SIGTERM, .to_group = true},
                       {.verb = Verb::Up, .keep_down_file = true}},
                      {SIGWINCH, SIGSTOP, SIGABRT, SIGTSTP});
}

}  // namespace
}  // namespace kindred::runit
