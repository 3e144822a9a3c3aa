#include "core/dialect/supervise_record.h"

#include <gtest/gtest.h>

#include "tests/core/codec.h"

namespace kindred::test {
namespace {

TEST(SuperviseRecord, HasItsFieldsWhereFourFamiliesLookForThem) {
  Bytes bytes(kSuperviseRecordSize);
  put_supervise_record(bytes, {{1'795'347'531, 664'733'500}, 0x21bd, true, 'u'}, TaiOffset::Constant10);
  EXPECT_EQ(bytes, hex("40 00 00 00 6b 02 d4 55 27 9f 07 3c bd 21 00 00 01 75"));
}

TEST(SuperviseRecord, ReadsBackWhatItWrote) {
  for (const std::uint32_t pid : {0U, 1U, 0x01020304U, 0xffffffffU})
    for (const bool paused : {false, true})
      for (const char want : {'u', 'd', '\0', 'x'})
        for (const TaiOffset rule : {TaiOffset::Constant10, TaiOffset::LeapTable}) {
          Bytes bytes(kSuperviseRecordSize);
          put_supervise_record(bytes, {{1'700'000'000, 999'999'999}, pid, paused, want}, rule);
          const SuperviseRecord told = get_supervise_record(bytes, rule);
          EXPECT_EQ(told.since, (WallTime{1'700'000'000, 999'999'999}));
          EXPECT_EQ(told.pid, pid);
          EXPECT_EQ(told.paused, paused);
          EXPECT_EQ(told.want, want);
        }
}

TEST(SuperviseRecord, AnyPausedByteButZeroIsPaused) {
  Bytes bytes(kSuperviseRecordSize);
  for (unsigned value = 0; value < 256; ++value) {
    bytes[16] = static_cast<std::uint8_t>(value);
    EXPECT_EQ(get_supervise_record(bytes, TaiOffset::Constant10).paused, value != 0);
  }
}

TEST(SuperviseRecord, OnceIsNeitherUpNorDown) {
  EXPECT_EQ(want_byte(Want::Up), 'u');
  EXPECT_EQ(want_byte(Want::Down), 'd');
  EXPECT_EQ(want_byte(Want::Once), 0);
  for (const Want want : {Want::Up, Want::Down, Want::Once}) EXPECT_EQ(want_of_byte(want_byte(want)), want);
  EXPECT_EQ(want_of_byte('?'), Want::Once);
}

}  // namespace
}  // namespace kindred::test
