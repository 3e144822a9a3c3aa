#include "core/native/notice_rules.h"

#include <gtest/gtest.h>

#include "tests/core/native/status_rows.h"

namespace kindred {
namespace {

class Notices : public ::testing::Test {
 protected:
  /// The events of a look at that second.
  std::string look(ServiceState main, std::int64_t second, std::optional<ServiceState> log = {}) {
    const StatusReport report{{row("web", std::move(main), std::move(log))}, {}};
    std::string text;
    for (const ServiceNotice& notice : rules_.look(report, at(second)))
      text += std::string(notice.role == Role::Log ? "log " : "") + std::string(notice.event) + " ";
    return text;
  }
  static Instant at(std::int64_t second) { return Instant{second * 1'000'000}; }
  NoticeRules rules_{std::chrono::seconds(60)};
  const ServiceState good_ = live(Phase::Running, 7, 1000), bad_ = stale(Phase::Running, 7, false);
};

TEST_F(Notices, FailureAndRecoveryAreToldOnce) {
  EXPECT_EQ(look(good_, 0), "");
  EXPECT_EQ(look(bad_, 1), "bad ");
  EXPECT_EQ(look(bad_, 100), "");
  EXPECT_EQ(look(good_, 200), "good ");
  EXPECT_EQ(look(good_, 300), "");
  EXPECT_EQ(rules_.due(), Instant::never());
}

TEST_F(Notices, WhatIsBadAtFirstIsTold) { EXPECT_EQ(look(bad_, 0), "bad "); }

TEST_F(Notices, NoServiceIsToldOfTooOften) {
  EXPECT_EQ(look(bad_, 0), "bad ");
  EXPECT_EQ(look(good_, 10), "");
  EXPECT_EQ(rules_.due(), at(60));
  EXPECT_EQ(look(bad_, 20), "") << "it is as it was told";
  EXPECT_EQ(rules_.due(), Instant::never());
  EXPECT_EQ(look(good_, 30), "");
  EXPECT_EQ(look(good_, 60), "good ");
}

TEST_F(Notices, OnItsWayIsWhatItWas) {
  EXPECT_EQ(look(good_, 0), "");
  EXPECT_EQ(look(live(Phase::Waiting, 0, 5), 1), "");
  EXPECT_EQ(look(ServiceState{}, 2), "");
  EXPECT_EQ(look(bad_, 3), "bad ");
  EXPECT_EQ(look(live(Phase::Waiting, 0, 4), 100), "") << "not well yet";
}

TEST_F(Notices, WhatIsGoneIsForgottenWhenItCouldBeToldOfAgain) {
  const StatusReport nothing;
  EXPECT_EQ(look(bad_, 0, bad_), "bad log bad ");
  EXPECT_EQ(rules_.known(), 2U);
  (void)rules_.look(nothing, at(10));
  EXPECT_EQ(look(bad_, 20), "") << "it has come back";
  EXPECT_EQ(rules_.known(), 2U);
  (void)rules_.look(nothing, at(60));
  EXPECT_EQ(rules_.known(), 0U);
  EXPECT_EQ(look(good_, 70), "");
  EXPECT_EQ(look(bad_, 71), "bad ");
}

TEST_F(Notices, RestartsOfOneThatWasGoneAreCountedAnew) {
  const auto run = [&](std::int32_t pid, std::int64_t second) {
    return look(live(Phase::Running, pid, 100 - pid), second);
  };
  for (int pid = 1; pid <= 3; ++pid) EXPECT_EQ(run(pid, pid), "");
  EXPECT_EQ(run(4, 4), "flapping ");
  (void)rules_.look({}, at(5));
  for (int pid = 5; pid <= 8; ++pid) EXPECT_EQ(run(pid, 50 + pid), "");
  EXPECT_EQ(run(8, 70), "") << "it flaps still";
}

TEST_F(Notices, RestartsAreCountedWhereNobodyElseDoes) {
  EXPECT_EQ(look(live(Phase::Running, 1, 100), 0), "");
  EXPECT_EQ(look(live(Phase::Running, 2, 99), 1), "");
  EXPECT_EQ(look(live(Phase::Running, 3, 98), 2), "");
  EXPECT_EQ(look(live(Phase::Running, 4, 97), 3), "flapping ");
  EXPECT_EQ(rules_.due(), at(63)) << "nothing else may tell that it is over";
  EXPECT_EQ(look(live(Phase::Running, 4, 97), 63), "good ");
}

TEST_F(Notices, ALogIsToldOfToo) { EXPECT_EQ(look(good_, 0, bad_), "log bad "); }

}  // namespace
}  // namespace kindred
