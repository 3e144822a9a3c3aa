#include "core/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace kindred {
namespace {

TEST(Result, IsAValue) {
  const Result<int> r = 7;
  ASSERT_TRUE(r);
  EXPECT_EQ(*r, 7);
}

TEST(Result, OrWhatTheWorldRefused) {
  const Result<int> r = Error{ENOENT, "open", "supervise/status"};
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, ENOENT);
  EXPECT_EQ(r.error().operation, "open");
  EXPECT_EQ(r.error().object, "supervise/status");
}

TEST(Result, HoldsWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> r = std::make_unique<int>(3);
  ASSERT_TRUE(r);
  const std::unique_ptr<int> taken = std::move(*r);
  EXPECT_EQ(*taken, 3);
}

TEST(Result, OfNothingIsAStatus) {
  EXPECT_TRUE(ok());
  const Status refused = Error{0, "not a service directory", "web"};
  EXPECT_FALSE(refused);
}

TEST(Error, TakesTheErrnoOfThisMoment) {
  errno = EACCES;
  EXPECT_EQ(error_here("open", "lock").code, EACCES);
  EXPECT_EQ(error_here("open", "lock", EINTR).code, EINTR);
}

}  // namespace
}  // namespace kindred
