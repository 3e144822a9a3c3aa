#include "compat-s6/chain/parse.h"

#include <gtest/gtest.h>

#include "tests/core/chain/parse_words.h"

namespace kindred::s6 {
namespace {

using test::parse_words;

template <class Step>
const Step& first(const ChainRequest& request) {
  return std::get<Step>(request.steps.at(0));
}

TEST(Envuidgid, HalfOfAPairIsWrongUse) {
  for (const char* account : {"daemon", "daemon:", ":sys", "1000"}) {
    EXPECT_TRUE(parse_words(parse_envuidgid, {"s6-envuidgid", "-B", account, "prog"}).misused) << account;
    EXPECT_TRUE(parse_words(parse_envuidgid, {"s6-envuidgid", "-n", account, "prog"}).misused) << account;
  }
  const ChainRequest request = parse_words(parse_envuidgid, {"s6-envuidgid", "-nB", "12:34", "prog"});
  EXPECT_EQ(first<TellAccount>(request).user, "12");
  EXPECT_EQ(first<TellAccount>(request).group, "34");
  EXPECT_FALSE(first<TellAccount>(request).tells_list);
}

TEST(Envuidgid, TheFallbackMayLackParts) {
  const ChainRequest request = parse_words(parse_envuidgid, {"s6-envuidgid", "-D", "::7,8", "x", "prog"});
  const auto& fallback = first<TellAccount>(request).fallback;
  ASSERT_TRUE(fallback);
  EXPECT_EQ(fallback->user, 0U);
  EXPECT_EQ(fallback->list, "7,8");
  EXPECT_TRUE(parse_words(parse_envuidgid, {"s6-envuidgid", "-D", "1:x", "x", "prog"}).misused);
  EXPECT_FALSE(
      first<TellAccount>(parse_words(parse_envuidgid, {"s6-envuidgid", "-D", "1", "-i", "x", "prog"}))
          .fallback);
}

TEST(Applyuidgid, TakesTheVariablesOrSaysWhichIsWrong) {
  const ChainRequest good =
      parse_words(parse_applyuidgid, {"s6-applyuidgid", "-Uz", "prog"}, {"UID=7", "GID=8", "GIDLIST=9,10"});
  EXPECT_EQ(first<BecomeNumbers>(good).user, 7U);
  EXPECT_EQ(first<BecomeNumbers>(good).groups, (std::vector<gid_t>{9, 10}));
  EXPECT_EQ(good.steps.size(), 4U);
  EXPECT_EQ(parse_words(parse_applyuidgid, {"s6-applyuidgid", "-U", "prog"}, {"UID=7"}).complaint,
            "s6-applyuidgid: fatal: GID not set");
  EXPECT_EQ(parse_words(parse_applyuidgid, {"s6-applyuidgid", "-U", "prog"}, {"UID=-1"}).complaint,
            "s6-applyuidgid: fatal: invalid $UID");
}

TEST(Setuidgid, ANameNumbersOrNothing) {
  EXPECT_EQ(first<BecomeNamedAccount>(parse_words(parse_setuidgid, {"s6-setuidgid", "www", "prog"})).name,
            "www");
  EXPECT_EQ(first<BecomeNumbers>(parse_words(parse_setuidgid, {"s6-setuidgid", "12:34", "prog"})).group, 34U);
  EXPECT_TRUE(parse_words(parse_setuidgid, {"s6-setuidgid", "", "prog"}).steps.empty());
  EXPECT_TRUE(parse_words(parse_setuidgid, {"s6-setuidgid", "a:b", "prog"}).misused);
  EXPECT_TRUE(parse_words(parse_setuidgid, {"s6-setuidgid", "-x", "prog"}).misused);
}

TEST(Softlimit, HardAndSoftByPosition) {
  const ChainRequest request = parse_words(
      parse_softlimit, {"s6-softlimit", "-o", "1", "-h", "-c", "2", "-H", "-t", "=", "-Z", "prog"});
  ASSERT_EQ(request.steps.size(), 3U);
  EXPECT_EQ(std::get<SetLimit>(request.steps[0]).limit.which, SoftLimit::Which::Soft);
  EXPECT_EQ(std::get<SetLimit>(request.steps[1]).limit.which, SoftLimit::Which::Hard);
  EXPECT_EQ(std::get<SetLimit>(request.steps[2]).limit.which, SoftLimit::Which::Both);
  EXPECT_TRUE(parse_words(parse_softlimit, {"s6-softlimit", "-o", "", "prog"}).misused);
}

TEST(Setlock, TheDescriptorIsANumber) {
  EXPECT_EQ(
      first<HoldRecordLock>(parse_words(parse_setlock, {"s6-setlock", "-d", "9", "f", "prog"})).descriptor,
      9);
  EXPECT_FALSE(first<HoldRecordLock>(parse_words(parse_setlock, {"s6-setlock", "f", "prog"})).descriptor);
  for (const char* number : {"", "x", "-1", "4294967296", "2147483648"})
    EXPECT_TRUE(parse_words(parse_setlock, {"s6-setlock", "-d", number, "f", "prog"}).misused) << number;
}

TEST(Setsid, HasTheNamesOfNewerReleases) {
  EXPECT_TRUE(first<LeadGroup>(parse_words(parse_setsid, {"s6-setsid", "-b", "--session", "prog"})).session);
  EXPECT_FALSE(
      first<LeadGroup>(parse_words(parse_setsid, {"s6-setsid", "--background-process-group", "prog"}))
          .session);
  EXPECT_TRUE(parse_words(parse_setsid, {"s6-setsid", "--sessions", "prog"}).misused);
}

TEST(SyslogLine, PutsTheNumberInWords) {
  EXPECT_EQ(syslog_line("<13>hello", ""), "user.notice: hello");
  EXPECT_EQ(syslog_line("<191>x", "a: "), "a: local7.debug: x");
  EXPECT_EQ(syslog_line("<4294967296>x", ""), "<4294967296>x");
  EXPECT_EQ(syslog_line("<5 no", ""), "<5 no");
  EXPECT_EQ(syslog_line("@400000005f5e1000000001f4 <30>x", "w: "),
            "@400000005f5e1000000001f4 w: daemon.info: x");
}

}  // namespace
}  // namespace kindred::s6
