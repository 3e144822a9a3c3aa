// What a service's life looks like at the socket, in simulated time. Source: interfaces/perp.md sections 5.3,
// 6.4, 6.5 and 7.4.

#include <gtest/gtest.h>

#include "compat-perp/packet.h"
#include "tests/core/families.h"
#include "tests/core/simulation.h"

namespace kindred::perp {
namespace {

using test::Simulation;

class Life : public ::testing::Test {
 protected:
  void SetUp() override { sim_.world.finish_ends_at_once = false; }

  /// "03 00 01": definition, main's and the log's flags.
  [[nodiscard]] std::string flags() const {
    ServiceStatus status;
    status.active = true;
    status.snapshot = sim_.group().snapshot();
    const PacketBytes bytes = encode_reply(status);
    char text[12];
    std::snprintf(text, sizeof text, "%02x %02x %02x", bytes[kHeaderSize + 28], bytes[kHeaderSize + 46],
                  bytes[kHeaderSize + 64]);
    return text;
  }

  Simulation sim_{test::kPerp, true};
};

TEST_F(Life, StartsAndIsReset) {
  sim_.begin();
  EXPECT_EQ(flags(), "03 00 01");
  sim_.main_exits(3);
  EXPECT_EQ(flags(), "03 02 01");
  sim_.main_exits(0);
  EXPECT_EQ(flags(), "03 02 01");
  sim_.advance(std::chrono::seconds(1));
  EXPECT_EQ(flags(), "03 00 01");
}

TEST_F(Life, BegunWithFlagDownItHasNeverBeenReset) {
  sim_.begin(Want::Down);
  EXPECT_EQ(flags(), "03 10 01");
  EXPECT_EQ(latest_fork(sim_.record()), WallTime{});
}

TEST_F(Life, DownShowsTheResetThatWasTheLastToRun) {
  sim_.begin();
  sim_.advance(std::chrono::seconds(5));
  sim_.tell(Verb::Down);
  EXPECT_EQ(flags(), "03 10 01");
  sim_.main_killed(15);
  EXPECT_EQ(flags(), "03 12 01");
  const WallTime reset = sim_.record().pid_changed;
  sim_.advance(std::chrono::seconds(5));
  sim_.main_exits(0);
  EXPECT_EQ(flags(), "03 12 01");
  EXPECT_EQ(latest_fork(sim_.record()), reset);
}

TEST_F(Life, OnceIsRememberedUntilItIsWantedUp) {
  sim_.begin();
  sim_.tell(Verb::Once);
  EXPECT_EQ(flags(), "03 04 01");
  sim_.main_exits(0);
  EXPECT_EQ(flags(), "03 16 01");
  sim_.main_exits(0);
  EXPECT_EQ(flags(), "03 16 01");
  sim_.tell(Verb::Down);
  EXPECT_EQ(flags(), "03 16 01");
  sim_.tell(Verb::Up);
  EXPECT_EQ(flags(), "03 02 01");
  sim_.advance(std::chrono::seconds(1));
  EXPECT_EQ(flags(), "03 00 01");
}

TEST_F(Life, OnceDuringAResetIsOverWhenTheResetIs) {  // 6.5
  sim_.begin();
  sim_.main_exits(0);
  EXPECT_EQ(flags(), "03 02 01");
  sim_.tell(Verb::Once);
  EXPECT_EQ(flags(), "03 06 01");
  sim_.main_exits(0);
  EXPECT_EQ(flags(), "03 16 01");
  sim_.advance(std::chrono::seconds(2));
  EXPECT_EQ(flags(), "03 16 01");
}

TEST_F(Life, PausedIsTheProcesssAndGoesWithIt) {
  sim_.begin();
  sim_.tell(Verb::Pause);
  sim_.tell(Verb::Pause, Role::Log);
  EXPECT_EQ(flags(), "03 08 09");
  sim_.tell(Verb::Continue);
  EXPECT_EQ(flags(), "03 00 09");
  sim_.tell(Verb::Pause);
  sim_.signal(9);
  sim_.main_killed(9);
  EXPECT_EQ(flags(), "03 02 09");  // the original leaves the mark on the reset
}

TEST_F(Life, DeactivationEndsMainFirst) {
  sim_.begin();
  (void)sim_.take_trace();
  sim_.shutdown();
  EXPECT_EQ(flags(), "07 10 11");
  sim_.main_killed(15);
  EXPECT_EQ(flags(), "07 12 11");
  EXPECT_EQ(sim_.take_trace(), "TERM CONT finish");
  sim_.main_exits(0);
  EXPECT_EQ(sim_.take_trace(), "close-pipe log:TERM log:CONT");
  EXPECT_EQ(flags(), "07 12 11");
  sim_.log_exits(0);
  EXPECT_EQ(flags(), "07 12 13");
  sim_.log_exits(0);
  EXPECT_TRUE(sim_.retired());
}

}  // namespace
}  // namespace kindred::perp
