#include "core/client/age.h"

#include <gtest/gtest.h>

#include <limits>

namespace kindred {
namespace {

TEST(Age, CountsWholeSecondsOfTheLabels) {
  EXPECT_EQ(age_in_seconds({100, 999'999'999}, {101, 0}), 1U);
  EXPECT_EQ(age_in_seconds({100, 0}, {100, 999'999'999}), 0U);
}

TEST(Age, TheFutureIsNow) { EXPECT_EQ(age_in_seconds({200, 0}, {100, 0}), 0U); }

TEST(Age, AnyLabelHasOne) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  const WallTime now{1'800'000'000, 0};
  EXPECT_EQ(age_in_seconds({kMost, 0}, now), 0U);
  EXPECT_EQ(age_in_seconds({kLeast, 0}, now), 0U);  // a label above 2^63
  // The label 0, long before all clocks.
  EXPECT_EQ(age_in_seconds({-static_cast<std::int64_t>(kTai64Epoch), 0}, now), kTai64Epoch + 1'800'000'000U);
}

}  // namespace
}  // namespace kindred
