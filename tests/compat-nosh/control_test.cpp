#include "compat-nosh/control.h"

#include <csignal>

#include "tests/core/letter_checks.h"

namespace kindred::nosh {
namespace {

/// The family's table. Source: interfaces/nosh.md section 5.
constexpr test::LetterRow kTable[] = {
    {'u', {.verb = Verb::Up}},
    {'d', {.verb = Verb::Down}},
    {'_', {.verb = Verb::NoRestart}},
    {'o', {.verb = Verb::Once}},
    {'O', {.verb = Verb::OnceAtMost}},
    {'x', {.verb = Verb::Exit}},
    {'p', {.verb = Verb::Pause}},
    {'c', {.verb = Verb::Continue}},
    {'h', {.verb = Verb::Signal, .signal = SIGHUP}},
    {'a', {.verb = Verb::Signal, .signal = SIGALRM}},
    {'i', {.verb = Verb::Signal, .signal = SIGINT}},
    {'t', {.verb = Verb::Signal, .signal = SIGTERM}},
    {'k', {.verb = Verb::Signal, .signal = SIGKILL}},
    {'q', {.verb = Verb::Signal, .signal = SIGQUIT}},
    {'1', {.verb = Verb::Signal, .signal = SIGUSR1}},
    {'2', {.verb = Verb::Signal, .signal = SIGUSR2}},
    {'w', {.verb = Verb::Signal, .signal = SIGWINCH}},
    {'z', {.verb = Verb::Signal, .signal = SIGTSTP}},
};
constexpr std::pair<char, char> kToMainOnly[] = {{'H', 'h'}, {'T', 't'}, {'K', 'k'}};

TEST(Control, EachLetterIsACommandAndBack) {
  for (const auto& [letter, command] : kTable) {
    ControlCommand expected = command;
    expected.custom = letter;
    EXPECT_EQ(test::decoded(kControlCodec, letter), expected) << letter;
    EXPECT_EQ(test::encoded(kControlCodec, expected), std::string(1, letter));
  }
}

TEST(Control, WhatReachesTheMainProcessOnlyReachesAllThereIs) {
  for (const auto& [main_only, all] : kToMainOnly) {
    EXPECT_EQ(test::decoded(kControlCodec, main_only), test::decoded(kControlCodec, all)) << main_only;
    EXPECT_EQ(test::encoded(kControlCodec, *test::decoded(kControlCodec, main_only)), std::string(1, all));
  }
}

TEST(Control, AnyOtherByteIsDropped) {
  std::string known;
  for (const auto& [letter, command] : kTable) known += letter;
  for (const auto& [letter, same] : kToMainOnly) known += letter;
  for (int byte = 0; byte < 256; ++byte) {
    const char letter = static_cast<char>(byte);
    EXPECT_EQ(test::decoded(kControlCodec, letter).has_value(), known.find(letter) != std::string::npos)
        << byte;
  }
}

TEST(Control, TheStopSignalIsTerm) {
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Terminate}), "t");
}

TEST(Control, WhatTheFamilyCannotSayIsRefused) {
  test::expect_unsaid(kControlCodec,
                      {{.verb = Verb::Quit},
                       {.verb = Verb::Down, .to_group = true},
                       {.verb = Verb::Down, .keep_down_file = true}},
                      {SIGSEGV});
}

}  // namespace
}  // namespace kindred::nosh
