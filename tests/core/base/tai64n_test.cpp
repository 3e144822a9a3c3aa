#include "core/base/tai64n.h"

#include <gtest/gtest.h>

#include <array>

namespace kindred {
namespace {

using Label = std::array<std::uint8_t, kTai64nSize>;

Label label_of(WallTime at, TaiOffset rule) {
  Label label{};
  put_tai64n(label, 0, at, rule);
  return label;
}

TEST(Tai64n, LabelsCountFromTenSecondsBeforeTheUnixEpoch) {
  EXPECT_EQ(label_of({0, 0}, TaiOffset::Constant10), (Label{0x40, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0}));
  EXPECT_EQ(label_of({-11, 1}, TaiOffset::Constant10),
            (Label{0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1}));
}

TEST(Tai64n, ReadsWhatTheOriginalsWrote) {
  // The same second through Debian's tai64n, @400000006b02d4b026bdd6cc, and s6-tai64n,
  // @400000006b02d4cb22015eb2.
  const Label constant{0x40, 0, 0, 0, 0x6b, 0x02, 0xd4, 0xb0, 0x26, 0xbd, 0xd6, 0xcc};
  EXPECT_EQ(get_tai64n(constant, 0, TaiOffset::Constant10), (WallTime{1795347622, 649975500}));
  const Label leap{0x40, 0, 0, 0, 0x6b, 0x02, 0xd4, 0xcb, 0x22, 0x01, 0x5e, 0xb2};
  EXPECT_EQ(get_tai64n(leap, 0, TaiOffset::LeapTable), (WallTime{1795347622, 570515122}));
}

TEST(Tai64n, TheConstantRuleAddsTenAtAnyTime) {
  for (const std::int64_t second :
       {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1'700'000'000}, INT64_MAX})
    EXPECT_EQ(tai_offset(TaiOffset::Constant10, second), 10);
}

// IERS Bulletin C: the second from which UTC is that far behind TAI.
constexpr std::pair<std::int64_t, std::int64_t> kLeaps[] = {
    {78796800, 11},   {94694400, 12},   {126230400, 13},  {157766400, 14}, {189302400, 15},  {220924800, 16},
    {252460800, 17},  {283996800, 18},  {315532800, 19},  {362793600, 20}, {394329600, 21},  {425865600, 22},
    {489024000, 23},  {567993600, 24},  {631152000, 25},  {662688000, 26}, {709948800, 27},  {741484800, 28},
    {773020800, 29},  {820454400, 30},  {867715200, 31},  {915148800, 32}, {1136073600, 33}, {1230768000, 34},
    {1341100800, 35}, {1435708800, 36}, {1483228800, 37},
};

TEST(Tai64n, TheLeapTableStepsAtEachLeapSecond) {
  EXPECT_EQ(tai_offset(TaiOffset::LeapTable, 0), 10);
  for (const auto& [second, offset] : kLeaps) {
    EXPECT_EQ(tai_offset(TaiOffset::LeapTable, second - 1), offset - 1) << second;
    EXPECT_EQ(tai_offset(TaiOffset::LeapTable, second), offset) << second;
  }
  EXPECT_EQ(tai_offset(TaiOffset::LeapTable, 4'000'000'000), 37);
}

TEST(Tai64n, EverySecondAroundALeapSurvivesTheRoundTrip) {
  for (const auto& leap : kLeaps)
    for (std::int64_t second = leap.first - 50; second <= leap.first + 50; ++second) {
      const WallTime at{second, 123'456'789};
      EXPECT_EQ(get_tai64n(label_of(at, TaiOffset::LeapTable), 0, TaiOffset::LeapTable), at) << second;
    }
}

TEST(Tai64n, TheLeapSecondItselfIsReadAsTheSecondAfterIt) {
  Label label = label_of({1483228799, 0}, TaiOffset::LeapTable);
  ++label[7];
  EXPECT_EQ(get_tai64n(label, 0, TaiOffset::LeapTable).seconds, 1483228800);
}

TEST(Tai64n, AnyTwelveBytesAreALabelAndComeBack) {
  const Label labels[] = {
      {},
      {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
      {0x80},
      {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
      {0xc0, 0, 0, 0, 0, 0, 0, 9, 0x3b, 0x9a, 0xca, 0x00},
      {0x40, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1},
  };
  for (const Label& label : labels) {
    EXPECT_EQ(label_of(get_tai64n(label, 0, TaiOffset::Constant10), TaiOffset::Constant10), label);
    (void)get_tai64n(label, 0, TaiOffset::LeapTable);
  }
}

TEST(Tai64n, IsWrittenAtItsOffset) {
  std::array<std::uint8_t, 16> out{};
  out.fill(0xee);
  put_tai64n(out, 2, {1'700'000'000, 5}, TaiOffset::Constant10);
  EXPECT_EQ(out[1], 0xee);
  EXPECT_EQ(out[2], 0x40);
  EXPECT_EQ(out[13], 5);
  EXPECT_EQ(out[14], 0xee);
  EXPECT_EQ(get_tai64n(out, 2, TaiOffset::Constant10), (WallTime{1'700'000'000, 5}));
}

TEST(Tai64n, InWordsIsAnAtSignAndTwentyFourDigits) {
  EXPECT_EQ(tai64n_text(WallTime{1'795'358'747, 175'055'258}, TaiOffset::LeapTable),
            "@400000006b0300400a6f219a");
  EXPECT_EQ(tai64n_text(WallTime{0, 1}, TaiOffset::Constant10), "@400000000000000a00000001");
}

}  // namespace
}  // namespace kindred
