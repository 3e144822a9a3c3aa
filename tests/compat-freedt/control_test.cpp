#include "compat-freedt/control.h"

#include <csignal>

#include "tests/core/codec.h"

namespace kindred::freedt {
namespace {

/// The family's table. Source: interfaces/freedt.md section 6.2.
constexpr std::pair<char, ControlCommand> kTable[] = {
    {'u', {.verb = Verb::Up}},
    {'d', {.verb = Verb::Down}},
    {'o', {.verb = Verb::Once}},
    {'x', {.verb = Verb::Exit}},
    {'!', {.verb = Verb::Quit}},
    {'p', {.verb = Verb::Pause}},
    {'c', {.verb = Verb::Continue}},
    {'h', {.verb = Verb::Signal, .signal = SIGHUP}},
    {'a', {.verb = Verb::Signal, .signal = SIGALRM}},
    {'i', {.verb = Verb::Signal, .signal = SIGINT}},
    {'t', {.verb = Verb::Signal, .signal = SIGTERM}},
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
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Terminate}), "t");
}

TEST(Control, WhatTheFamilyCannotSayIsNotSaid) {
  for (const Verb verb : {Verb::OnceAtMost, Verb::NoRestart})
    EXPECT_EQ(test::encoded(kControlCodec, {.verb = verb}), "");
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Down, .to_group = true}), "");
  EXPECT_EQ(test::encoded(kControlCodec, {.verb = Verb::Down, .role = Role::Log}), "");
}

}  // namespace
}  // namespace kindred::freedt
