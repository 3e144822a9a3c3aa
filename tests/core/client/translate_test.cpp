#include "core/client/translate.h"

#include <gtest/gtest.h>

#include "compat-daemontools/dialect.h"
#include "compat-runit/dialect.h"
#include "compat-s6/dialect.h"

namespace kindred {
namespace {

const ControlCodec& daemontools() { return daemontools::dialect().control; }
const ControlCodec& runit() { return runit::dialect().control; }

TEST(Translate, EveryLetterOfDaemontoolsIsOneOfRunit) {
  EXPECT_EQ(write_letters(read_letters("udopchaitkx", daemontools()), runit()), "udopchaitkx");
}

TEST(Translate, WhatDaemontoolsLacksCannotBeSaid) {
  EXPECT_EQ(write_letters(read_letters("tcu", runit()), daemontools()), "tcu");
  for (const char* letter : {"q", "1", "2"})
    EXPECT_EQ(write_letters(read_letters(letter, runit()), daemontools()), std::nullopt) << letter;
}

TEST(Translate, OneCommandThatCannotBeSaidSpoilsAll) {
  EXPECT_EQ(write_letters(read_letters("uq", runit()), daemontools()), std::nullopt);
}

TEST(Translate, LettersThatAFamilyDoesNotKnowAreLeftOut) {
  EXPECT_EQ(read_letters("zu\n", daemontools()).size(), 1U);
  EXPECT_EQ(write_letters({}, runit()), "");
}

TEST(Translate, ExitStopsTheServiceWithSomeAndNotWithOthers) {
  EXPECT_TRUE(exit_stops_service(runit::dialect().convention.main));
  EXPECT_FALSE(exit_stops_service(daemontools::dialect().convention.main));
}

TEST(Translate, ARecordWithoutReadinessDoesNotTellIt) {
  EXPECT_FALSE(tells_ready(runit::dialect()));
  EXPECT_FALSE(tells_ready(daemontools::dialect()));
  EXPECT_TRUE(tells_ready(s6::dialect()));
}

}  // namespace
}  // namespace kindred
