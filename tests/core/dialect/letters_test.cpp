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

}  // namespace
}  // namespace kindred::test
