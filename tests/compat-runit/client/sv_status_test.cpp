#include "compat-runit/client/sv_status.h"

#include <gtest/gtest.h>

#include <limits>

namespace kindred::runit {
namespace {

constexpr WallTime kAsked{1'800'000'000, 500'000'000};

struct Seen {
  std::int32_t pid = 0;
  Phase phase = Phase::Stopped;
  Want want = Want::Up;
  bool paused = false;
  bool term = false;
  WallTime since = {kAsked.seconds - 5, 0};

  [[nodiscard]] DecodedStatus decoded() const {
    DecodedStatus status;
    StatusRecord& record = status.snapshot.main;
    record.pid = pid;
    record.phase = phase;
    record.want = want;
    record.paused = paused;
    record.sent_term = term;
    record.pid_changed = record.run_started = record.down_since = since;
    return status;
  }
};

std::string text(const Seen& seen, bool normally_down = false) {
  return sv_status_text(seen.decoded(), "web", normally_down, kAsked);
}

bool satisfied(char letter, const Seen& seen, bool check = true) {
  return sv_satisfied(letter, seen.decoded(), kAsked, [=] { return check; });
}

TEST(SvStatusText, SaysWhatDiffersFromWhatIs) {
  EXPECT_EQ(text({.pid = 77, .phase = Phase::Running}), "run: web: (pid 77) 5s");
  EXPECT_EQ(text({.pid = 77, .phase = Phase::Running}, true), "run: web: (pid 77) 5s, normally down");
  EXPECT_EQ(text({}), "down: web: 5s, normally up, want up");
  EXPECT_EQ(text({.want = Want::Down}, true), "down: web: 5s");
  EXPECT_EQ(
      text({.pid = 77, .phase = Phase::Finishing, .want = Want::Down, .paused = true, .term = true}, true),
      "finish: web: (pid 77) 5s, normally down, paused, want down, got TERM");
}

TEST(SvStatusText, SomeRemarksNeedAProcess) {
  EXPECT_EQ(text({.want = Want::Down, .paused = true, .term = true}), "down: web: 5s, normally up");
}

TEST(SvStatusText, ASenselessRecordIsPrintedAllTheSame) {
  EXPECT_EQ(text({.phase = Phase::Running}), "run: web: (pid 0) 5s, normally up, want up");
  EXPECT_EQ(text({.pid = -1, .phase = Phase::Running}), "run: web: (pid 18446744073709551615) 5s");
  DecodedStatus unknown = Seen{.pid = 77, .want = Want::Once}.decoded();
  unknown.phase_known = false;
  EXPECT_EQ(sv_status_text(unknown, "web", false, kAsked), "web: (pid 77) 5s");
}

TEST(SvStatusText, WhatAnotherFamilyCallsOnceIsWantedDown) {
  const DecodedStatus once =
      in_runit_terms(Seen{.pid = 77, .phase = Phase::Running, .want = Want::Once}.decoded());
  EXPECT_EQ(sv_status_text(once, "web", false, kAsked), "run: web: (pid 77) 5s, want down");
}

// Section 9.5, letter by letter.
TEST(SvSatisfied, UpNeedsARunningProcessAndTheCheck) {
  EXPECT_TRUE(satisfied('u', {.pid = 77, .phase = Phase::Running, .want = Want::Down}));
  EXPECT_FALSE(satisfied('u', {.pid = 77, .phase = Phase::Running}, false));
  EXPECT_FALSE(satisfied('u', {.pid = 77, .phase = Phase::Finishing}));
  EXPECT_FALSE(satisfied('u', {}));
}

TEST(SvSatisfied, DownNeedsRest) {
  EXPECT_TRUE(satisfied('d', {}, false));
  EXPECT_FALSE(satisfied('d', {.phase = Phase::Finishing}));
  EXPECT_FALSE(satisfied('d', {.pid = 77, .phase = Phase::Running}));
}

TEST(SvSatisfied, CheckIsSatisfiedWithADownService) {
  EXPECT_TRUE(satisfied('C', {}, false));
  EXPECT_TRUE(satisfied('C', {.pid = 77, .phase = Phase::Running}, true));
  EXPECT_FALSE(satisfied('C', {.pid = 77, .phase = Phase::Running}, false));
}

TEST(SvSatisfied, ARestartIsAStartAfterTheCommandToTheNanosecond) {
  constexpr WallTime kBefore{kAsked.seconds, kAsked.nanos - 1}, kAfter{kAsked.seconds, kAsked.nanos + 1};
  for (const char letter : {'t', 'k'}) {
    EXPECT_TRUE(satisfied(letter, {.pid = 77, .phase = Phase::Running, .since = kAfter}));
    // Within the same second: the original is content with that.
    EXPECT_FALSE(satisfied(letter, {.pid = 77, .phase = Phase::Running, .since = kBefore}));
    EXPECT_FALSE(satisfied(letter, {.pid = 77, .phase = Phase::Running, .term = true, .since = kAfter}));
    EXPECT_FALSE(satisfied(letter, {.pid = 77, .phase = Phase::Running, .since = kAfter}, false));
    EXPECT_TRUE(satisfied(letter, {.want = Want::Down}));
    EXPECT_FALSE(satisfied(letter, {.since = kAfter}));
  }
}

TEST(SvSatisfied, OnceNeedsAStartOrARunThatIsOver) {
  constexpr WallTime kAfter{kAsked.seconds, kAsked.nanos + 1};
  EXPECT_TRUE(satisfied('o', {.pid = 77, .phase = Phase::Running, .want = Want::Down}));
  EXPECT_FALSE(satisfied('o', {.pid = 77, .phase = Phase::Running}));
  EXPECT_TRUE(satisfied('o', {.want = Want::Down, .since = kAfter}));
  EXPECT_FALSE(satisfied('o', {.want = Want::Down}));
}

TEST(SvSatisfied, PauseAndContinueConcernALivingProcess) {
  EXPECT_TRUE(satisfied('p', {.pid = 77, .phase = Phase::Running, .paused = true}));
  EXPECT_FALSE(satisfied('p', {.pid = 77, .phase = Phase::Running}));
  EXPECT_TRUE(satisfied('p', {}));
  EXPECT_TRUE(satisfied('c', {.pid = 77, .phase = Phase::Running}));
  EXPECT_FALSE(satisfied('c', {.pid = 77, .phase = Phase::Running, .paused = true}));
  EXPECT_TRUE(satisfied('c', {.paused = true}));
}

TEST(SvSatisfied, SignalsAreAlwaysAndExitNever) {
  for (const char letter : {'h', 'a', 'i', 'q', '1', '2'}) EXPECT_TRUE(satisfied(letter, {}));
  EXPECT_FALSE(satisfied('x', {}));
}

TEST(SvSatisfied, TheCheckIsAskedOnlyWhereItMatters) {
  int asked = 0;
  const auto check = [&] { return ++asked > 0; };
  (void)sv_satisfied('d', Seen{}.decoded(), kAsked, check);
  (void)sv_satisfied('u', Seen{}.decoded(), kAsked, check);
  (void)sv_satisfied('h', Seen{.pid = 77, .phase = Phase::Running}.decoded(), kAsked, check);
  EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace kindred::runit
