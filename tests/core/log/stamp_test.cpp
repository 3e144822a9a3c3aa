#include "core/log/stamp.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <string>

namespace kindred {
namespace {

std::string stamp(StampKind kind, WallTime at) {
  std::array<char, kLongestStamp> text;
  const std::size_t size = put_stamp(text.data(), kind, at);
  return std::string(text.data(), size);
}

class Stamp : public testing::Test {
 protected:
  Stamp() {
    ::setenv("TZ", "Europe/Berlin", 1);
    ::tzset();
  }
  ~Stamp() override {
    ::unsetenv("TZ");
    ::tzset();
  }
  static constexpr WallTime kAt{935'467'445, 787'492'500};  // interfaces/daemontools.md section 9
};

TEST_F(Stamp, ShapesAreTheFamilies) {
  EXPECT_EQ(stamp(StampKind::None, kAt), "");
  EXPECT_EQ(stamp(StampKind::Tai10, kAt), "@4000000037c219bf2ef02e94 ");
  EXPECT_EQ(stamp(StampKind::Tai, kAt), "@4000000037c219d52ef02e94 ") << "32 leap seconds, then";
  EXPECT_EQ(stamp(StampKind::Seconds, kAt), "935467445.787492 ");
  EXPECT_EQ(stamp(StampKind::UtcBar, kAt), "1999-08-24_04:04:05.78749 ");
  EXPECT_EQ(stamp(StampKind::UtcT, kAt), "1999-08-24T04:04:05.78749 ");
  EXPECT_EQ(stamp(StampKind::UtcCompact, kAt), "19990824T040405.787492: ");
  EXPECT_EQ(stamp(StampKind::LocalIso, kAt), "1999-08-24 06:04:05.787492500  ");
  EXPECT_EQ(stamp(StampKind::Calendar, kAt), "Tue Aug 24 06:04:05 1999: ");
}

TEST_F(Stamp, FractionsAreCutNotRounded) {
  constexpr WallTime kLast{0, 999'999'999};
  EXPECT_EQ(stamp(StampKind::UtcBar, kLast), "1970-01-01_00:00:00.99999 ");
  EXPECT_EQ(stamp(StampKind::Seconds, kLast), "0.999999 ");
  EXPECT_EQ(stamp(StampKind::UtcCompact, kLast), "19700101T000000.999999: ");
}

TEST_F(Stamp, LeapSecondsAreCountedWhereTheFamilyCountsThem) {
  // At the end of 2016 the offset went from 36 to 37.
  EXPECT_EQ(stamp(StampKind::Tai, {1'483'228'799, 0}), "@40000000586846a300000000 ");
  EXPECT_EQ(stamp(StampKind::Tai, {1'483'228'800, 0}), "@40000000586846a500000000 ");
  EXPECT_EQ(stamp(StampKind::Tai10, {1'483'228'800, 0}), "@400000005868468a00000000 ");
}

TEST_F(Stamp, AnyMomentHasAStampThatFits) {
  for (const std::int64_t seconds :
       {INT64_MIN, INT64_MIN / 2, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1} << 40,
        std::int64_t{1} << 55, INT64_MAX / 2, INT64_MAX}) {
    for (std::size_t kind = 0; kind < kStampKinds; ++kind)
      EXPECT_LE(stamp(static_cast<StampKind>(kind), {seconds, 999'999'999}).size(), kLongestStamp) << kind;
  }
}

TEST_F(Stamp, StampsOfAMomentAreMadeOnce) {
  Stamps stamps;
  stamps.set(kAt);
  const std::string_view first = stamps.text(StampKind::UtcBar);
  EXPECT_EQ(first, "1999-08-24_04:04:05.78749 ");
  EXPECT_EQ(stamps.text(StampKind::UtcBar).data(), first.data());
  EXPECT_EQ(stamps.text(StampKind::None), "");
  stamps.set({0, 0});
  EXPECT_EQ(stamps.text(StampKind::UtcBar), "1970-01-01_00:00:00.00000 ");
}

}  // namespace
}  // namespace kindred
