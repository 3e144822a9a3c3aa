#include "core/native/time_words.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "core/base/tai64n.h"

namespace kindred {
namespace {

class TimeWords : public ::testing::Test {
 protected:
  TimeWords() {
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
  }
  // 2023-11-14 23:13:20 local time.
  static constexpr WallTime kNow{1700000000, 5};
  static std::int64_t moment(std::string_view text) {
    const auto at = parse_moment(text, kNow);
    return at ? at->seconds - kNow.seconds : -1;
  }
};

TEST_F(TimeWords, MomentsAreReadAsPeopleWriteThem) {
  EXPECT_EQ(moment("now"), 0);
  EXPECT_EQ(moment("90s"), -90);
  EXPECT_EQ(moment("15m"), -900);
  EXPECT_EQ(moment("15min ago"), -900);
  EXPECT_EQ(moment("2h ago"), -7200);
  EXPECT_EQ(moment("1d"), -86400);
  EXPECT_EQ(moment("23:13"), -20);
  EXPECT_EQ(moment("23:13:19"), -1);
  EXPECT_EQ(moment("2023-11-14 23:13:20"), 0);
  EXPECT_EQ(moment("2023-11-14T23:13"), -20);
  EXPECT_EQ(moment("today"), -(23 * 3600 + 13 * 60 + 20));
  EXPECT_EQ(moment("2023-11-14"), moment("today"));
  EXPECT_EQ(moment("yesterday"), moment("today") - 86400);
  EXPECT_EQ(moment("2023-07-01 00:00") - moment("2023-07-01T01:00"), -3600) << "summer time";
  EXPECT_EQ(moment("@1700000007"), 7);
  EXPECT_EQ(moment(tai64n_text(kNow, TaiOffset::Constant10)), 0);
}

TEST_F(TimeWords, OtherWordsAreNoMoment) {
  for (const char* text :
       {"", "soon", "15", "15x", "25:00x", "2023-13-01", "@", "@x", "m", "-1h", "12:00 pm"})
    EXPECT_FALSE(parse_moment(text, kNow)) << text;
}

TEST_F(TimeWords, LocalTimeIsShownToTheMicrosecond) {
  LocalTimeText text;
  EXPECT_EQ(text.of({1700000000, 123456789}), "2023-11-14 23:13:20.123456");
  EXPECT_EQ(text.of({1700000000, 1000}), "2023-11-14 23:13:20.000001");
  EXPECT_EQ(text.of({1700000001, 0}), "2023-11-14 23:13:21.000000");
  EXPECT_TRUE(text.of({INT64_MAX, 0}).ends_with(".000000")) << "no calendar has it";
}

}  // namespace
}  // namespace kindred
