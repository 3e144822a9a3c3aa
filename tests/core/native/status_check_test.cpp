#include <gtest/gtest.h>

#include "tests/core/native/status_rows.h"

namespace kindred {
namespace {

TEST(StatusCheck, TheWorstDecidesTheCode) {
  const ServiceRow good = row("web", live(Phase::Running, 7)), passing = row("slow", live(Phase::Waiting, 0)),
                   bad = row("db", stale(Phase::Running, 7, false)), unknown = row("x", ServiceState{});
  EXPECT_EQ(render_check({{good}, {}}).code, 0);
  EXPECT_EQ(render_check({{good, passing}, {}}).code, 1);
  EXPECT_EQ(render_check({{good, unknown, passing}, {}}).code, 3);
  EXPECT_EQ(render_check({{bad, unknown, good}, {}}).code, 2);
  EXPECT_EQ(render_check({{good}, {{"sv/x", "open", "access denied"}}}).code, 3);
  EXPECT_EQ(render_check({{}, {}}).code, 3) << "nothing to watch over";
}

TEST(StatusCheck, IsOneLineWithPerformanceData) {
  EXPECT_EQ(
      render_check(
          {{row("web", live(Phase::Running, 7), live(Phase::Failed, 0)), row("a|b\n", unsupervised())}, {}})
          .text,
      "KINDRED CRITICAL - 1 of 2 services up: web/log failed, a!b\\x0a unsupervised"
      " | services=2;;;0 up=1;;;0;2 problems=2;;;0\n");
}

}  // namespace
}  // namespace kindred
