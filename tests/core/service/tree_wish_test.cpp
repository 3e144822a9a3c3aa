#include "core/service/tree_wish.h"

#include <gtest/gtest.h>

#include "tests/core/simulation.h"

namespace kindred::test {
namespace {

using namespace std::chrono_literals;

TEST(TreeWish, TheFileIsReadLineByLine) {
  EXPECT_EQ(parse_tree_wish(""), TreeWish{});
  const TreeWish wish{.follow = true, .wait = 250ms};
  EXPECT_EQ(parse_tree_wish("# a daemon\n\nwait 250\nafter-run follow"), wish);
  EXPECT_EQ(parse_tree_wish("after-run end\n"), TreeWish{});
  EXPECT_EQ(parse_tree_wish(format_tree_wish(wish)), wish);
}

TEST(TreeWish, AFileThatIsNotUnderstoodIsNone) {
  for (const char* const text :
       {"after-run", "after-run ", "after-run stay", "after-run end\nafter-run end", "wait", "wait -1",
        "wait 1s", "wait 86400001", "wait 1\nwait 1", "end", " wait 1"})
    EXPECT_FALSE(parse_tree_wish(text)) << text;
  EXPECT_FALSE(parse_tree_wish(std::string(kLongestTreeWish + 1, '\n')));
}

/// A service whose run leaves others behind.
class Leaving : public Simulation {
 public:
  explicit Leaving(const Family& family) : Simulation(family) { begin(); }
  void leaves(std::int32_t heir, int code, bool follow) {
    happens(Role::Main, event::Outlived{heir, ExitStatus::exited(code), follow, 2s});
  }
  bool did(const std::string& what) {
    done_ += " " + take_trace();
    return (done_ + " ").find(" " + what + " ") != std::string::npos;
  }

 private:
  std::string done_;
};

TEST(TreeWish, WhatRunHasLeftIsToldToStopAndKilledInTime) {
  for (const Family* family : kAllFamilies) {
    Leaving sim(*family);
    const std::int32_t run = sim.record().pid;
    ASSERT_EQ(sim.record().phase, Phase::Running) << family->name;
    sim.leaves(700, 3, false);
    EXPECT_EQ(sim.record().pid, 700) << family->name;
    EXPECT_EQ(sim.record().phase, Phase::Running) << family->name;
    const std::string down = "left:" + signal_word(family->convention->main.down_signal);
    EXPECT_TRUE(sim.did(down)) << family->name;
    EXPECT_TRUE(sim.did("left:CONT")) << family->name;
    EXPECT_FALSE(sim.did("left:KILL")) << family->name;
    sim.advance(2s);
    EXPECT_TRUE(sim.did("left:KILL")) << family->name;
    sim.main_killed(9);
    // How run itself ended is what counts.
    EXPECT_EQ(sim.record().exit_of(Script::Run), ExitStatus::exited(3)) << family->name;
    EXPECT_NE(sim.record().pid, run) << family->name;
    EXPECT_EQ(sim.broken(), "") << family->name;
  }
}

TEST(TreeWish, ADaemonThatRunLeavesIsTheServiceUntilItEnds) {
  for (const Family* family : kAllFamilies) {
    Leaving sim(*family);
    // It forks twice.
    sim.leaves(699, 0, true);
    sim.leaves(700, 0, true);
    EXPECT_EQ(sim.record().pid, 700) << family->name;
    sim.advance(60s);
    EXPECT_FALSE(sim.did("left:KILL")) << family->name;
    // What its daemon leaves in its turn is ended, and says nothing of how that ended.
    sim.leaves(701, 4, true);
    EXPECT_TRUE(sim.did("left:CONT")) << family->name;
    sim.main_killed(15);
    EXPECT_EQ(sim.record().exit_of(Script::Run), ExitStatus::exited(4)) << family->name;
    EXPECT_EQ(sim.broken(), "") << family->name;
  }
}

TEST(TreeWish, ARunThatFailsOrIsToldToEndLeavesNoDaemon) {
  for (const bool told : {false, true}) {
    Leaving sim(kRunit);
    if (told) sim.tell(Verb::Down);
    sim.leaves(700, told ? 0 : 1, true);
    EXPECT_TRUE(sim.did("left:TERM")) << told;
    sim.main_killed(15);
    if (told) {
      EXPECT_EQ(sim.record().phase, Phase::Stopped);
    }
  }
}

}  // namespace
}  // namespace kindred::test
