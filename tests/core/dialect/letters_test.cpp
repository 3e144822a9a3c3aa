#include "core/dialect/letters.h"

#include <gtest/gtest.h>

#include "tests/core/codec.h"

namespace kindred::test {
namespace {

constexpr Letter kTable[] = {{'u', Verb::Up, 0},
                             {'h', Verb::Signal, SIGHUP},
                             {'t', Verb::Signal, SIGTERM},
                             {'T', Verb::Signal, SIGTERM}};

TEST(Letters, ARowServesBothDirections) {
  const auto command = decode_letter(kTable, 'h');
  ASSERT_TRUE(command);
  EXPECT_EQ(*command, (ControlCommand{.verb = Verb::Signal, .signal = SIGHUP, .custom = 'h'}));
  EXPECT_TRUE((encode_letter(kTable, *command) == ControlBytes{'h'}));
}

TEST(Letters, AnUnknownByteIsNoCommand) {
  EXPECT_FALSE(decode_letter(kTable, 'x'));
  EXPECT_FALSE(decode_letter(kTable, 0));
  EXPECT_FALSE(decode_letter(kTable, 0xff));
  EXPECT_FALSE(decode_letter({}, 'u'));
}

TEST(Letters, TheFirstLetterForACommandIsTheOneSaid) {
  EXPECT_EQ(decode_letter(kTable, 'T')->signal, SIGTERM);
  EXPECT_TRUE((encode_letter(kTable, {.verb = Verb::Signal, .signal = SIGTERM}) == ControlBytes{'t'}));
}

TEST(Letters, WhatALetterCannotSayIsNotSaid) {
  EXPECT_TRUE(encode_letter(kTable, {.verb = Verb::Down}).empty());
  EXPECT_TRUE(encode_letter(kTable, {.verb = Verb::Signal, .signal = SIGUSR1}).empty());
  EXPECT_TRUE(encode_letter(kTable, {.verb = Verb::Signal, .signal = SIGHUP, .to_group = true}).empty());
  EXPECT_TRUE(encode_letter(kTable, {.verb = Verb::Up, .keep_down_file = true}).empty());
  EXPECT_TRUE(encode_letter(kTable, {.verb = Verb::Signal, .signal = SIGHUP, .role = Role::Log}).empty());
}

TEST(Letters, ATableMayHaveFurtherRows) {
  constexpr auto kMore = letters_and(kTable, {{'!', Verb::Quit, 0}, {'u', Verb::Once, 0}});
  EXPECT_EQ(kMore.size(), std::size(kTable) + 2);
  EXPECT_EQ(decode_letter(kMore, '!')->verb, Verb::Quit);
  EXPECT_EQ(decode_letter(kMore, 'u')->verb, Verb::Up);
  EXPECT_EQ(decode_letter(kMore, 'T')->signal, SIGTERM);
}

TEST(Letters, ToTerminateAndToSendTermAreOneWhereAFamilyHasButOne) {
  const ControlCommand stop{.verb = Verb::Terminate}, term{.verb = Verb::Signal, .signal = SIGTERM};
  EXPECT_EQ(stop_as_signal(stop), term);
  EXPECT_EQ(stop_as_signal(term), term);
  EXPECT_EQ(signal_as_stop(term), stop);
  EXPECT_EQ(signal_as_stop(stop), stop);
  const ControlCommand other{.verb = Verb::Signal, .signal = SIGHUP};
  EXPECT_EQ(stop_as_signal(other), other);
  EXPECT_EQ(signal_as_stop(other), other);
}

}  // namespace
}  // namespace kindred::test
