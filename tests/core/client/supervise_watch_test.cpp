#include "core/client/supervise_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "compat-runit/dialect.h"
#include "core/sys/clock.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::FakeService;

constexpr Duration kLong = std::chrono::seconds(30);
constexpr Duration kShort = std::chrono::milliseconds(30);

class SuperviseWatchTest : public ::testing::Test {
 protected:
  SuperviseWatchTest() {
    service_.record({});
    watch_.add(directory(), layout());
  }
  [[nodiscard]] static const SuperviseLayout& layout() { return runit::dialect().layout; }
  [[nodiscard]] ServiceDirectory directory() const {
    return std::move(*ServiceDirectory::open(AT_FDCWD, service_.path().c_str()));
  }
  /// Whether the watch wakes before the time is over.
  bool wakes(Duration within) {
    const SystemClock clock;
    const Instant deadline = clock.now().steady + within;
    watch_.wait(deadline);
    return clock.now().steady < deadline;
  }

  test::TestDirectory root_;
  FakeService service_{root_.path("web"), FakeService::Of::Runit};
  SuperviseWatch watch_;
};

TEST_F(SuperviseWatchTest, WakesForANewRecord) {
  service_.record({.pid = 77});
  EXPECT_TRUE(wakes(kLong));
}

TEST_F(SuperviseWatchTest, WakesWhenTheSupervisorLeaves) {
  service_.leave();
  EXPECT_TRUE(wakes(kLong));
}

TEST_F(SuperviseWatchTest, WithoutOkItWakesWhenTheLockIsLetGo) {
  const SuperviseLayout layout{.lock_kind = LockKind::OfdRecord, .ok = nullptr};
  SuperviseWatch watch;
  UniqueFd holder(::open((service_.supervise() / "lock").c_str(), O_WRONLY | O_CLOEXEC));
  watch.add(directory(), layout);
  ASSERT_FALSE(*directory().supervised(layout));  // which closes the lock, as a reader
  const SystemClock clock;
  const Instant soon = clock.now().steady + kShort;
  watch.wait(soon);
  EXPECT_GE(clock.now().steady, soon);
  holder.reset();
  const Instant late = clock.now().steady + kLong;
  watch.wait(late);
  EXPECT_LT(clock.now().steady, late);
}

TEST_F(SuperviseWatchTest, DoesNotWakeForLookingItself) {
  const Dialect* families[] = {&runit::dialect()};
  ASSERT_TRUE(*directory().supervised(layout()));
  ASSERT_TRUE(directory().observe({runit::dialect(), families}));
  ASSERT_EQ(ControlChannel::open(directory(), layout())->unread(), 0U);
  EXPECT_FALSE(wakes(kShort));
}

TEST_F(SuperviseWatchTest, WhatHappenedBeforeTheWaitCounts) {
  service_.record({.pid = 77});
  service_.record({.pid = 78});
  EXPECT_TRUE(wakes(kLong));
  EXPECT_FALSE(wakes(kShort));  // both woke once
}

TEST_F(SuperviseWatchTest, ADeadlineThatHasPassedDoesNotWait) { EXPECT_FALSE(wakes(Duration{0})); }

TEST(SuperviseWatch, WithoutServicesItSleeps) {
  const SystemClock clock;
  const Instant deadline = clock.now().steady + kShort;
  SuperviseWatch watch;
  watch.wait(deadline);
  EXPECT_GE(clock.now().steady, deadline);
}

}  // namespace
}  // namespace kindred
