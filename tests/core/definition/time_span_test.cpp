#include "core/definition/time_span.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

using namespace std::chrono_literals;

TEST(TimeSpan, IsNumbersWithUnits) {
  EXPECT_EQ(parse_time_span("5"), 5s);
  EXPECT_EQ(parse_time_span(" 1min 30s "), 90s);
  EXPECT_EQ(parse_time_span("1h5"), 3605s);
  EXPECT_EQ(parse_time_span("100ms"), 100ms);
  EXPECT_EQ(parse_time_span("0.5min"), 30s);
  EXPECT_EQ(parse_time_span(".25"), 250ms);
  EXPECT_EQ(parse_time_span("3 µs"), 3us);
  EXPECT_EQ(parse_time_span("1000000us"), 1s);
  EXPECT_EQ(parse_time_span("2 w"), 336h);
  EXPECT_EQ(parse_time_span("0"), 0s);
}

TEST(TimeSpan, IsNothingElse) {
  for (const char* const text :
       {"", " ", "infinity", "x", "5x", "-1", ".", "s", "101y", "99999999999999999999", "60y 60y"})
    EXPECT_FALSE(parse_time_span(text)) << text;
}

TEST(TimeSpan, IsSaidInSeconds) {
  EXPECT_EQ(seconds_text(90s), "90");
  EXPECT_EQ(seconds_text(100ms), "0.1");
  EXPECT_EQ(seconds_text(1000001us), "1.000001");
}

}  // namespace
}  // namespace kindred
