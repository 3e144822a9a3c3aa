#include "core/base/fixed_vector.h"

#include <gtest/gtest.h>

#include <csignal>

namespace kindred {
namespace {

TEST(FixedVector, KeepsWhatIsPutIntoIt) {
  FixedVector<int, 3> v{1, 2};
  v.push_back(3);
  EXPECT_TRUE(v.full());
  EXPECT_EQ(v.size(), 3U);
  EXPECT_EQ(v[2], 3);
  int sum = 0;
  for (int x : v) sum += x;
  EXPECT_EQ(sum, 6);
  v.clear();
  EXPECT_TRUE(v.empty());
}

TEST(FixedVector, IsEqualByItsItemsNotByItsLeftovers) {
  FixedVector<int, 3> a{1, 2, 3}, b{1, 2};
  EXPECT_FALSE(a == b);
  a.clear();
  a.push_back(1);
  a.push_back(2);
  EXPECT_TRUE(a == b);
}

TEST(FixedVector, GivesUpItsFirst) {
  FixedVector<int, 3> v{1, 2, 3};
  v.pop_front();
  EXPECT_EQ(v, (FixedVector<int, 3>{2, 3}));
  v.pop_front();
  v.pop_front();
  EXPECT_TRUE(v.empty());
}

TEST(FixedVectorDeathTest, NeverWritesBeyondItsEnd) {
  FixedVector<int, 2> v{1, 2};
  EXPECT_EXIT(v.push_back(3), testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace kindred
