#include "compat-s6/client/death_list.h"

#include <gtest/gtest.h>

namespace kindred::s6 {
namespace {

bool has(std::string_view text, const ExitStatus& how) {
  const auto list = DeathList::parse(text);
  EXPECT_TRUE(list) << text;
  return list && list->has(how);
}
std::string wrong_with(std::string_view text) {
  const auto list = DeathList::parse(text);
  return list ? "" : list.error().operation;
}

TEST(DeathList, HasCodesRangesAndSignals) {
  EXPECT_TRUE(has("7", ExitStatus::exited(7)));
  EXPECT_FALSE(has("7", ExitStatus::exited(8)));
  EXPECT_TRUE(has("3-9", ExitStatus::exited(3)));
  EXPECT_TRUE(has("3-9", ExitStatus::exited(9)));
  EXPECT_FALSE(has("3-9", ExitStatus::exited(10)));
  EXPECT_TRUE(has("SIGSEGV", ExitStatus::signaled(11)));
  EXPECT_TRUE(has("segv", ExitStatus::signaled(11)));
  EXPECT_TRUE(has("0-255", ExitStatus::exited(255)));
  EXPECT_FALSE(has("", ExitStatus::exited(0)));
}

TEST(DeathList, ACodeIsASignalsOnlyAsAShellMakesIt) {
  EXPECT_TRUE(has("139", ExitStatus::signaled(11)));
  EXPECT_FALSE(has("11", ExitStatus::signaled(11)));
  EXPECT_FALSE(has("SEGV", ExitStatus::exited(139)));
  EXPECT_FALSE(has("0-255", ExitStatus()));
}

TEST(DeathList, WordsMayBeSeparatedInAnyWay) {
  for (const char* text : {"1,9", "1;9", "1 9", "1, 9", "1;;9", "1\t9 ", "1\n9,"})
    EXPECT_TRUE(has(text, ExitStatus::exited(9))) << text;
}

TEST(DeathList, RefusesWhatItCannotRead) {
  for (const char* text : {",", ",9", " 9", "NOSUCH", "0x9", "-9"})
    EXPECT_EQ(wrong_with(text), "invalid status list specification") << text;
  for (const char* text : {"256", "1-300", "300-1"}) EXPECT_EQ(wrong_with(text), "invalid exit code") << text;
  for (const char* text : {"5-", "5-x", "5-9-11"})
    EXPECT_EQ(wrong_with(text), "invalid interval specification") << text;
  EXPECT_EQ(wrong_with("9-3"), "invalid interval");
}

}  // namespace
}  // namespace kindred::s6
