#include "compat-daemontools/control.h"

#include <csignal>

#include "tests/core/letter_checks.h"

namespace kindred::daemontools {
namespace {

/// The family's table. Source: interfaces/daemontools.md section 4.
const auto kTable = test::supervise_letters_and({});

TEST(Control, EveryByteIsItsCommandOrNone) { test::expect_letters(kControlCodec, kTable); }

TEST(Control, EveryCommandIsSaidInItsByte) { test::expect_said_in_letters(kControlCodec, kTable); }

TEST(Control, TerminateIsTheTermOfThisFamily) {
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Terminate}), "t");
}

TEST(Control, WhatTheFamilyCannotSayIsNotSaid) {
  test::expect_unsaid(kControlCodec,
                      {{.verb = Verb::OnceAtMost},
                       {.verb = Verb::NoRestart},
                       {.verb = Verb::Quit},
                       {.verb = Verb::Down, .to_group = true},
                       {.verb = Verb::Terminate, .to_group = true},
                       {.verb = Verb::Down, .keep_down_file = true}},
                      {SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGSTOP, SIGABRT});
}

}  // namespace
}  // namespace kindred::daemontools
