// perpls's line, where the conformance cases say less.

#include "compat-perp/client/panel.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace kindred::perp {
namespace {

Listed listed(Phase phase, Want want, std::int32_t pid) {
  Listed l{"s", {}, {1'700'000'100, 0}};
  ServiceStatus status;
  StatusRecord& main = status.snapshot.main;
  main.phase = phase;
  main.want = want;
  main.pid = pid;
  main.pid_changed = main.run_ended = {1'700'000'000, 0};
  l.answer.status = status;
  return l;
}
Listed trouble(Trouble what, int code = 0) {
  Listed l{"s", {}, {}};
  l.answer.trouble = what;
  l.answer.code = code;
  return l;
}

TEST(Panel, TroubleHasNoHalves) {
  EXPECT_EQ(panel(trouble(Trouble::NotActivated)), "[- --- ---]");
  EXPECT_EQ(panel(trouble(Trouble::Missing, ENOENT)), "[E --- ---]");
  EXPECT_EQ(tail(trouble(Trouble::Missing, ENOENT)), "error: failure stat() on service directory [ENOENT]");
  EXPECT_EQ(tail(trouble(Trouble::Refused, ENOTDIR)), "error: error reported in status reply [ENOTDIR]");
  EXPECT_EQ(tail(trouble(Trouble::Protocol, EPROTO)),
            "error: unknown packet protocol in status reply [EPROTO]");
}

TEST(Colours, FollowThePanel) {
  const Colours defaults("");
  EXPECT_EQ(defaults.of(trouble(Trouble::NotActivated)), "00");
  EXPECT_EQ(defaults.of(trouble(Trouble::Missing)), "01;31");
  EXPECT_EQ(defaults.of(listed(Phase::Running, Want::Up, 5)), "01");
  EXPECT_EQ(defaults.of(listed(Phase::Stopped, Want::Down, 0)), "01;34");
  const Colours own("wu=1:wd=2:ar=3:ap=123456789012345:df=9");
  EXPECT_EQ(own.of(listed(Phase::Waiting, Want::Up, 0)), "1");
  EXPECT_EQ(own.of(listed(Phase::Running, Want::Down, 5)), "2");
  EXPECT_EQ(own.of(listed(Phase::Finishing, Want::Up, 5)), "3");
  EXPECT_EQ(own.of(listed(Phase::Running, Want::Up, 5)), "9");
  EXPECT_EQ(own.table(), "df=9:na=9:ex=9:er=9:wu=1:wd=2:ad=9:ap=9:ar=3:an=9");
  EXPECT_EQ(Colours("an=7").of(trouble(Trouble::Missing)), "0");
}

}  // namespace
}  // namespace kindred::perp
