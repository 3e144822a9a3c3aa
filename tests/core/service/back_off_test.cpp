#include "core/service/back_off.h"

#include <gtest/gtest.h>

#include "tests/core/simulation.h"

namespace kindred::test {
namespace {

using namespace std::chrono_literals;

TEST(BackOff, TheFileIsReadLineByLine) {
  EXPECT_EQ(parse_back_off(""), BackOff{});
  const BackOff rules{.first = 250ms, .percent = 150, .most = 30s, .good_run = 5s, .failures = 7};
  EXPECT_EQ(parse_back_off("# slowly\nfailures 7\n\nfirst 250\nfactor 150\nmost 30000\ngood-run 5000"),
            rules);
  EXPECT_EQ(parse_back_off(format_back_off(rules)), rules);
}

TEST(BackOff, AFileThatIsNotUnderstoodIsNone) {
  for (const char* const text :
       {"first", "first ", "first -1", "first 1s", "first 1 ", "First 1", "first 1\nfirst 1", "factor 10001",
        "most 86400001", "wait 5", "failures 4294967296", " first 1"})
    EXPECT_FALSE(parse_back_off(text)) << text;
  EXPECT_FALSE(parse_back_off(std::string(kLongestBackOff + 1, '\n')));
  EXPECT_TRUE(parse_back_off(std::string(kLongestBackOff, '\n')));
}

TEST(BackOff, WaitsGrowUpToTheLongest) {
  const BackOff rules{.first = 1s, .percent = 200, .most = 10s};
  EXPECT_EQ(back_off_after(rules, 1), Duration(1s));
  EXPECT_EQ(back_off_after(rules, 3), Duration(4s));
  EXPECT_EQ(back_off_after(rules, 5), Duration(10s));
  EXPECT_EQ(back_off_after(rules, UINT32_MAX), Duration(10s));
  EXPECT_EQ(back_off_after({.first = 20s, .percent = 100, .most = 10s}, 1), Duration(10s));
  EXPECT_EQ(back_off_after({.first = 2s, .percent = 100, .most = 10s}, UINT32_MAX), Duration(2s));
  EXPECT_EQ(back_off_after({.first = 8s, .percent = 50, .most = 10s}, 3), Duration(2s));
  EXPECT_EQ(back_off_after({.first = 0s, .percent = 200, .most = 10s}, UINT32_MAX), Duration(0s));
}

/// A family's service that has asked for it.
class BackingOff {
 public:
  BackingOff(const Family& family, const BackOff& rules) : convention_(*family.convention), family_(family) {
    convention_.main.back_off = rules;
    family_.convention = &convention_;
  }
  [[nodiscard]] const Family& family() const { return family_; }

 private:
  GroupConvention convention_;
  Family family_;
};

const Family* const kAll[] = {&kDaemontools, &kRunit, &kS6, &kPerp, &kEncore};

TEST(BackOff, EachEndWaitsLongerUntilARunWasGood) {
  for (const Family* const family : kAll) {
    const BackingOff service(*family, {.first = 4s, .percent = 200, .most = 10s, .good_run = 60s});
    Simulation sim(service.family());
    sim.begin();
    for (const Duration wait : {Duration(4s), Duration(8s), Duration(10s), Duration(10s)}) {
      sim.main_exits(1);
      EXPECT_EQ(sim.next_timer(), wait) << family->name;
      sim.advance(wait);
      EXPECT_EQ(sim.record().phase, Phase::Running) << family->name;
    }
    sim.advance(60s);
    sim.main_exits(1);
    EXPECT_EQ(sim.next_timer(), Duration(4s)) << family->name;
  }
}

TEST(BackOff, TheFamilysOwnPauseCountsWhereItIsLonger) {
  const BackingOff service(kRunit, {.first = 10ms, .percent = 100, .most = 10ms});
  Simulation sim(service.family());
  sim.begin();
  sim.main_exits(1);
  EXPECT_EQ(sim.next_timer(), Duration(1s));
}

TEST(BackOff, AnEndThatWasAskedForIsNotCounted) {
  for (const Family* const family : kAll) {
    const BackingOff service(*family,
                             {.first = 30s, .percent = 100, .most = 30s, .good_run = 60s, .failures = 2});
    Simulation sim(service.family());
    sim.begin();
    for (int i = 0; i < 4; ++i) {
      sim.tell(Verb::Terminate);
      sim.main_killed(15);
      sim.advance(1s);
      EXPECT_EQ(sim.record().phase, Phase::Running) << family->name;
    }
  }
}

TEST(BackOff, AfterSoManyEndsItStaysDownUntilItIsWantedUp) {
  for (const Family* const family : kAll) {
    const BackingOff service(*family,
                             {.first = 2s, .percent = 100, .most = 2s, .good_run = 60s, .failures = 3});
    Simulation sim(service.family());
    sim.begin();
    for (int i = 0; i < 2; ++i) {
      sim.main_exits(1);
      sim.advance(2s);
    }
    EXPECT_EQ(sim.record().phase, Phase::Running) << family->name;
    sim.main_exits(1);
    sim.advance(100s);
    EXPECT_EQ(sim.record().phase, Phase::Stopped) << family->name;
    sim.tell(Verb::Up);
    sim.advance(1s);
    EXPECT_EQ(sim.record().phase, Phase::Running) << family->name;
    sim.main_exits(1);
    EXPECT_EQ(sim.next_timer(), Duration(2s)) << family->name;
  }
}

TEST(BackOff, UpWaitsForTheFamilysOwnPauseAlone) {
  const BackingOff service(kRunit, {.first = 60s, .percent = 100, .most = 60s});
  Simulation sim(service.family());
  sim.begin();
  sim.main_exits(1);
  EXPECT_EQ(sim.next_timer(), Duration(60s));
  sim.tell(Verb::Up);
  EXPECT_EQ(sim.next_timer(), Duration(1s));
}

TEST(BackOff, UpWhileFinishRunsIsNotGivenUp) {
  const BackingOff service(kRunit, {.first = 1s, .percent = 100, .most = 1s, .good_run = 60s, .failures = 1});
  Simulation sim(service.family());
  sim.world.has_script = [](Role, Script) { return true; };
  sim.world.finish_ends_at_once = false;
  sim.begin();
  sim.main_exits(1);
  EXPECT_EQ(sim.record().phase, Phase::Finishing);
  sim.tell(Verb::Up);
  sim.main_exits(0);
  EXPECT_EQ(sim.record().want, Want::Up);
  sim.advance(1s);
  EXPECT_EQ(sim.record().phase, Phase::Running);
}

}  // namespace
}  // namespace kindred::test
