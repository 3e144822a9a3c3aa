#include "core/chain/limit_step.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

/// "SOFT HARD", or "refused", of limits that were 400 and 800.
std::string after(const ChangeLimit& step) {
  rlimit limit{400, 800};
  if (!change_limit(step, limit)) return "refused";
  return std::to_string(limit.rlim_cur) + " " + std::to_string(limit.rlim_max);
}

ChangeLimit to(ChangeLimit::Which which, rlim_t number) {
  ChangeLimit step;
  step.which = which;
  step.number = number;
  return step;
}

TEST(ChangeLimit, ASoftOneStaysBelowTheHardOne) {
  EXPECT_EQ(after(to(ChangeLimit::Which::Soft, 300)), "300 800");
  EXPECT_EQ(after(to(ChangeLimit::Which::Soft, 801)), "refused");
  EXPECT_EQ(after(to(ChangeLimit::Which::Soft, RLIM_INFINITY)), "refused");
  ChangeLimit clamped = to(ChangeLimit::Which::Soft, RLIM_INFINITY);
  clamped.clamps = true;
  EXPECT_EQ(after(clamped), "800 800");
}

TEST(ChangeLimit, AHardOneTakesTheSoftOneDownOnlyWhereItHasTo) {
  EXPECT_EQ(after(to(ChangeLimit::Which::Hard, 500)), "400 500");
  EXPECT_EQ(after(to(ChangeLimit::Which::Hard, 300)), "300 300");
  EXPECT_EQ(after(to(ChangeLimit::Which::Both, 500)), "500 500");
}

TEST(ChangeLimit, MayBeWhatTheOtherIs) {
  ChangeLimit step = to(ChangeLimit::Which::Soft, 0);
  step.value = ChangeLimit::Value::HardLimit;
  EXPECT_EQ(after(step), "800 800");
  step = to(ChangeLimit::Which::Hard, 0);
  step.value = ChangeLimit::Value::SoftLimit;
  EXPECT_EQ(after(step), "400 400");
}

}  // namespace
}  // namespace kindred
