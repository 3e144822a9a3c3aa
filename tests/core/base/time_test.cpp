#include "core/base/time.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

using namespace std::chrono_literals;

TEST(Instant, MovesByDurations) {
  const Instant at{1'000'000};
  EXPECT_EQ((at + 1500ms).micros, 2'500'000);
  EXPECT_EQ((at + 1500ms) - at, 1500ms);
  EXPECT_LT(at, at + 1us);
}

TEST(Instant, LongAgoAndNeverLeaveRoomForArithmetic) {
  const Instant now{365 * 24 * 3600 * 1'000'000LL};
  EXPECT_GT(now - Instant::long_ago(), 1h);
  EXPECT_LT(now, Instant::never());
  EXPECT_LT(Instant::long_ago() + 1h, now);
}

TEST(WallTime, IsOrderedBySecondsThenNanoseconds) {
  EXPECT_LT((WallTime{1, 999'999'999}), (WallTime{2, 0}));
  EXPECT_LT((WallTime{2, 1}), (WallTime{2, 2}));
}

}  // namespace
}  // namespace kindred
