#include <gtest/gtest.h>

#include "tests/core/native/status_rows.h"

namespace kindred {
namespace {

ServiceState wanted(ServiceState state, Want want) {
  state.record->want = want;
  return state;
}
ServiceState normally_down(ServiceState state) {
  state.normally_up = false;
  return state;
}

TEST(HealthOf, AsItShouldBeIsGood) {
  EXPECT_EQ(health_of(live(Phase::Running, 7)), Health::Good);
  EXPECT_EQ(health_of(live(Phase::Started, 0)), Health::Good);
  EXPECT_EQ(health_of(wanted(normally_down(live(Phase::Stopped, 0)), Want::Down)), Health::Good);
  EXPECT_EQ(health_of(normally_down(unsupervised())), Health::Good);
}

TEST(HealthOf, OnItsWayIsPassing) {
  EXPECT_EQ(health_of(live(Phase::Waiting, 0)), Health::Passing);
  EXPECT_EQ(health_of(live(Phase::Finishing, 8)), Health::Passing);
  EXPECT_EQ(health_of(wanted(live(Phase::Running, 7), Want::Down)), Health::Passing);
  ServiceState paused = live(Phase::Running, 7);
  paused.record->paused = true;
  EXPECT_EQ(health_of(paused), Health::Passing);
  ServiceState unready = live(Phase::Running, 7);
  unready.tells_ready = true;
  EXPECT_EQ(health_of(unready), Health::Good) << "it never says that it is";
  unready.awaits_ready = true;
  EXPECT_EQ(health_of(unready), Health::Passing);
}

TEST(HealthOf, DownThoughItShouldRunIsBad) {
  EXPECT_EQ(health_of(wanted(live(Phase::Stopped, 0), Want::Down)), Health::Bad);
  EXPECT_EQ(health_of(live(Phase::Failed, 0)), Health::Bad);
  EXPECT_EQ(health_of(stale(Phase::Running, 7, true)), Health::Bad);
  EXPECT_EQ(health_of(unsupervised()), Health::Bad);
  ServiceState flapping = live(Phase::Running, 7);
  flapping.deaths = Deaths{.count = 3, .oldest = before_now(10), .lately = kFlapping};
  EXPECT_EQ(health_of(flapping), Health::Bad);
  EXPECT_EQ(health_of(ServiceState{}), Health::Unknown);
}

TEST(IsInState, WordsMeanStates) {
  EXPECT_TRUE(is_in_state(live(Phase::Running, 7), "run"));
  EXPECT_TRUE(is_in_state(live(Phase::Running, 7), "up"));
  EXPECT_TRUE(is_in_state(live(Phase::Waiting, 0), "up"));
  EXPECT_FALSE(is_in_state(live(Phase::Stopped, 0), "up"));
  EXPECT_FALSE(is_in_state(stale(Phase::Running, 7, true), "up"));
  EXPECT_TRUE(is_in_state(stale(Phase::Running, 7, true), "stale"));
  EXPECT_TRUE(is_in_state(stale(Phase::Running, 7, true), "problem"));
  EXPECT_FALSE(is_in_state(live(Phase::Running, 7), "problem"));
  EXPECT_TRUE(is_state_word("flapping") && is_state_word("paused"));
  EXPECT_FALSE(is_state_word("asleep"));
}

TEST(Select, LeavesWhatMatches) {
  const auto left = [](std::string_view part, std::vector<std::string> states) {
    StatusReport report{{row("web", live(Phase::Running, 7)), row("web-2", unsupervised()),
                         row("db", live(Phase::Running, 8), stale(Phase::Running, 9, false))},
                        {}};
    select(report, part, states);
    std::string names;
    for (const ServiceRow& each : report.services) names += each.name + " ";
    return names;
  };
  EXPECT_EQ(left("", {}), "web web-2 db ");
  EXPECT_EQ(left("we", {}), "web web-2 ");
  EXPECT_EQ(left("", {"run", "unsupervised"}), "web web-2 db ");
  EXPECT_EQ(left("web", {"up"}), "web ");
  EXPECT_EQ(left("", {"problem"}), "web-2 db ") << "a log's, too";
}

TEST(Select, LeavesWhatIsNamedOrInADirectoryThatIs) {
  const auto left = [](std::vector<std::string> directories, std::vector<std::string> names) {
    StatusReport report{{row("web", live(Phase::Running, 7)), row("web-2", unsupervised()),
                         row("db", live(Phase::Running, 8)), row("db", live(Phase::Running, 8))},
                        {}};
    report.services[1].path = "other/web-2";
    select_named(report, directories, names);
    std::string text;
    for (const ServiceRow& each : report.services) text += each.name + " ";
    return text;
  };
  EXPECT_EQ(left({"sv/"}, {}), "web db ") << "each once";
  EXPECT_EQ(left({"sv/db"}, {"web*"}), "web web-2 db ");
  EXPECT_EQ(left({"sv"}, {"web-2"}), "web web-2 db ");
  EXPECT_EQ(left({}, {"we"}), "");
}

TEST(Texts, AreShort) {
  EXPECT_EQ(age_text(0), "0s");
  EXPECT_EQ(age_text(3661), "1h 1m");
  EXPECT_EQ(size_text(0), "0B");
  EXPECT_EQ(size_text(1023), "1023B");
  EXPECT_EQ(size_text(1536), "1.5K");
  EXPECT_EQ(size_text(12900000), "12.3M");
  EXPECT_EQ(size_text(250U << 20U), "250M");
  EXPECT_TRUE(size_text(UINT64_MAX).ends_with("E"));
}

}  // namespace
}  // namespace kindred
