#include "compat-freedt/control.h"

#include <csignal>

#include "tests/core/letter_checks.h"

namespace kindred::freedt {
namespace {

/// The family's table. Source: interfaces/freedt.md section 6.2.
const auto kTable = test::supervise_letters_and({{'!', {.verb = Verb::Quit}}});

TEST(Control, EveryByteIsItsCommandOrNone) { test::expect_letters(kControlCodec, kTable); }

TEST(Control, EveryCommandIsSaidInItsByte) { test::expect_said_in_letters(kControlCodec, kTable); }

TEST(Control, TerminateIsTheTermOfThisFamily) {
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Terminate}), "t");
}

TEST(Control, WhatTheFamilyCannotSayIsNotSaid) {
  test::expect_unsaid(kControlCodec,
                      {{.verb = Verb::OnceAtMost},
                       {.verb = Verb::NoRestart},
                       {.verb = Verb::Down, .to_group = true},
                       {.verb = Verb::Down, .role = Role::Log}},
                      {SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGSTOP, SIGABRT});
}

}  // namespace
}  // namespace kindred::freedt
