#include "compat-perp/words.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>

#include "compat-perp/programs.h"
#include "tests/core/cli/run_main.h"

namespace kindred::perp {
namespace {

TEST(Number, IsDecimalAndNothingElse) {  // interfaces/perp.md section 1.1
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("4294967295"), 4294967295U);
  EXPECT_EQ(parse_number(""), 0U);
  for (const char* text : {"4294967296", "99999999999999999999", "1x", "-1", " 1", "0x1"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(Reason, NamesTheErrno) {
  EXPECT_EQ(reason(ENOENT), "file does not exist (ENOENT)");
  EXPECT_EQ(errno_name(0), "EOK");
  EXPECT_EQ(errno_name(95), "EOPNOTSUPP");
  EXPECT_EQ(errno_name(100'000), "errno 100000");
}

TEST(Base, IsTheOptionThenTheEnvironmentThenTheDefault) {
  setenv("PERP_BASE", "/env", 1);
  EXPECT_EQ(base_directory("/given", "."), "/given");
  EXPECT_EQ(base_directory(nullptr, "."), "/env");
  setenv("PERP_BASE", "", 1);
  EXPECT_EQ(base_directory(nullptr, "."), ".");
  unsetenv("PERP_BASE");
  EXPECT_EQ(base_directory(nullptr, "/etc/perp"), "/etc/perp");
}

TEST(Base, AnEmptyOneCountsForSome) {  // section 9
  setenv("PERP_BASE", "", 1);
  EXPECT_EQ(base_as_set(nullptr, "."), "");
  EXPECT_EQ(base_as_set("/given", "."), "/given");
  unsetenv("PERP_BASE");
  EXPECT_EQ(base_as_set(nullptr, "."), ".");
}

TEST(Usage, AsksForNothingButItsLine) {  // section 1.1
  const test::Ran asked = test::run_main(perpstat_main, {"perpstat", "-?"});
  EXPECT_EQ(asked.code, 100);
  EXPECT_EQ(asked.err, "usage: perpstat [-hV] [-b basedir] sv [sv ...]\n");
  const test::Ran wrong = test::run_main(perpstat_main, {"perpstat", "-Z"});
  EXPECT_EQ(wrong.code, 100);
  EXPECT_EQ(wrong.err, "perpstat usage error: illegal option -- Z\n" + asked.err);
  const test::Ran none = test::run_main(perpctl_main, {"perpctl"});
  EXPECT_EQ(none.err.substr(0, none.err.find('\n')), "perpctl: usage error: missing arguments");
  const test::Ran daemon = test::run_main(perpd_main, {"perpd", "-Z"});
  EXPECT_EQ(daemon.code, 100);
  EXPECT_NE(daemon.err.find("]: usage error: illegal option -- Z\nusage: perpd "), std::string::npos);
}

TEST(SecondsBetween, RoundsToTheNearest) {
  const WallTime now{1'700'000'000, 500'000'000};
  EXPECT_EQ(seconds_between({1'699'999'999, 500'000'000}, now), 1U);
  EXPECT_EQ(seconds_between({1'700'000'000, 0}, now), 0U);
  EXPECT_EQ(seconds_between({1'699'999'999, 999'999'999}, now), 1U);
  EXPECT_EQ(seconds_between({1'699'999'999, 0}, now), 1U);
  EXPECT_EQ(seconds_between({1'699'999'998, 999'999'999}, now), 2U);
}

TEST(SecondsBetween, ADistanceHasNoSign) {
  const WallTime now{1'700'000'000, 0};
  EXPECT_EQ(seconds_between({1'700'000'007, 0}, now), 7U);
  EXPECT_EQ(seconds_between({INT64_MIN, 0}, {INT64_MAX, 0}), UINT64_MAX);
}

}  // namespace
}  // namespace kindred::perp
