#include "core/run/notify_relay.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

TEST(Notice, IsLinesOfVariables) {
  EXPECT_TRUE(parse_notice("READY=1").ready);
  const Notice notice = parse_notice("STATUS=up and well\nREADY=1\nMAINPID=1\nWATCHDOG=1\nX");
  EXPECT_TRUE(notice.ready && notice.alive);
  EXPECT_FALSE(notice.stopping || notice.reloading || notice.watchdog_triggered);
  EXPECT_EQ(notice.status, "up and well");
  EXPECT_TRUE(parse_notice("STOPPING=1\n").stopping);
  EXPECT_TRUE(parse_notice("RELOADING=1\n").reloading);
  EXPECT_TRUE(parse_notice("WATCHDOG=trigger").watchdog_triggered);
  for (const char* const text : {"", "\n\n", "READY=0", "READY=10", "xREADY=1", "ready=1"})
    EXPECT_EQ(parse_notice(text), Notice{}) << text;
}

}  // namespace
}  // namespace kindred
