#include "core/client/service_action.h"

#include <gtest/gtest.h>

#include "compat-daemontools/dialect.h"
#include "compat-runit/dialect.h"
#include "compat-s6/dialect.h"

namespace kindred {
namespace {

constexpr WallTime kAsked{1700000000, 0};
WallTime later(std::int64_t seconds) { return {kAsked.seconds + seconds, 0}; }

StatusRecord record(Phase phase, std::int32_t pid, WallTime changed = kAsked) {
  StatusRecord r;
  r.phase = phase;
  r.pid = pid;
  r.pid_changed = changed;
  r.want = phase == Phase::Stopped ? Want::Down : Want::Up;
  return r;
}

ActSight seen(const StatusRecord& r, std::int64_t after = 1, bool taken = true) {
  return {.supervised = true, .taken = taken, .record = r, .now = later(after)};
}

// --- what is said ---

TEST(ControlBytes, AreTheFamilysOwn) {
  const StatusRecord up = record(Phase::Running, 7), down = record(Phase::Stopped, 0);
  const auto say = [](ServiceAct act, const StatusRecord& now, const Dialect& family,
                      std::uint8_t signal = 0) {
    return control_bytes({.act = act, .signal = signal}, now, family);
  };
  EXPECT_EQ(say(ServiceAct::Start, down, daemontools::dialect()), "u");
  EXPECT_EQ(say(ServiceAct::Stop, up, runit::dialect()), "d");
  EXPECT_EQ(say(ServiceAct::Restart, up, runit::dialect()), "tcu");
  EXPECT_EQ(say(ServiceAct::Restart, up, s6::dialect()), "rcu");
  EXPECT_EQ(say(ServiceAct::Restart, down, s6::dialect()), "u");
  EXPECT_EQ(say(ServiceAct::Reload, up, s6::dialect()), "h");
  EXPECT_EQ(say(ServiceAct::Reload, up, daemontools::dialect()), "h");
  EXPECT_EQ(say(ServiceAct::Signal, up, runit::dialect(), SIGUSR1), "1");
}

TEST(ControlBytes, WhatAFamilyCannotSayIsNotSaid) {
  EXPECT_EQ(control_bytes({.act = ServiceAct::Signal, .signal = SIGUSR1}, {}, daemontools::dialect()),
            std::nullopt);
  EXPECT_EQ(control_bytes({.act = ServiceAct::Start, .role = Role::Log}, {}, daemontools::dialect()),
            std::nullopt);
}

TEST(ControlBytes, WhatIsPausedIsWokenToEnd) {
  StatusRecord paused = record(Phase::Running, 7);
  paused.paused = true;
  EXPECT_EQ(control_bytes({.act = ServiceAct::Stop}, paused, daemontools::dialect()), "dc");
}

// --- when it is done ---

TEST(ActWatch, AServiceIsUpWhenItsProcessHasLivedForAMoment) {
  ActWatch watch({.act = ServiceAct::Start}, record(Phase::Stopped, 0));
  EXPECT_EQ(watch.look(seen(record(Phase::Stopped, 0), 1, false)), Progress::Pending);
  EXPECT_EQ(watch.look(seen(record(Phase::Running, 7, later(1)), 1)), Progress::Pending);
  EXPECT_TRUE(watch.settling()) << "nothing will tell";
  EXPECT_EQ(watch.look(seen(record(Phase::Running, 7, later(1)), 2)), Progress::Done);
}

TEST(ActWatch, WhereReadinessIsToldUpIsNotEnough) {
  ActWatch watch({.act = ServiceAct::Start, .awaits_ready = true}, record(Phase::Stopped, 0));
  StatusRecord up = record(Phase::Running, 7);
  EXPECT_EQ(watch.look(seen(up, 100)), Progress::Pending);
  EXPECT_EQ(watch.why_not(), "it is not ready");
  up.ready = true;
  EXPECT_EQ(watch.look(seen(up, 100)), Progress::Done);
}

TEST(ActWatch, WhatEndsAgainAndAgainHasFailed) {
  ActWatch watch({.act = ServiceAct::Start}, record(Phase::Stopped, 0));
  for (int pid = 1; pid < static_cast<int>(kEnoughStarts); ++pid)
    EXPECT_EQ(watch.look(seen(record(Phase::Running, pid, later(pid)), pid)), Progress::Pending);
  StatusRecord last = record(Phase::Running, 9, later(9));
  last.exit_of(Script::Run) = ExitStatus::exited(3);
  EXPECT_EQ(watch.look(seen(last, 9)), Progress::Failed);
  EXPECT_EQ(watch.why_not(), "it ends again and again, it was started 4 times");
  last.phase = Phase::Waiting;
  last.pid = 0;
  EXPECT_EQ(watch.look(seen(last, 9)), Progress::Failed);
  EXPECT_EQ(watch.why_not(), "it ends again and again, it was started 4 times, run exited with 3");
}

TEST(ActWatch, WhatCameAndWentBetweenTwoLooksCountsToo) {
  ActWatch watch({.act = ServiceAct::Start}, record(Phase::Stopped, 0));
  Progress progress = Progress::Pending;
  for (int at = 1; at <= static_cast<int>(kEnoughStarts); ++at)
    progress = watch.look(seen(record(Phase::Waiting, 0, later(at)), at));
  EXPECT_EQ(progress, Progress::Failed);
}

TEST(ActWatch, ARestartNeedsAnotherProcess) {
  ActWatch watch({.act = ServiceAct::Restart}, record(Phase::Running, 7));
  EXPECT_EQ(watch.look(seen(record(Phase::Running, 7), 60)), Progress::Pending);
  EXPECT_EQ(watch.look(seen(record(Phase::Running, 8), 60)), Progress::Done);
}

TEST(ActWatch, StoppedIsWithoutProcessAndWithoutTheWishForOne) {
  ActWatch watch({.act = ServiceAct::Stop}, record(Phase::Running, 7));
  EXPECT_EQ(watch.look(seen(record(Phase::Finishing, 8))), Progress::Pending);
  StatusRecord wanted = record(Phase::Stopped, 0);
  wanted.want = Want::Up;
  EXPECT_EQ(watch.look(seen(wanted)), Progress::Pending) << "the command has not been read";
  EXPECT_EQ(watch.look(seen(record(Phase::Stopped, 0))), Progress::Done);
  EXPECT_EQ(watch.look(seen(record(Phase::Failed, 0))), Progress::Done);
}

TEST(ActWatch, OnceIsDoneWhenItHasRun) {
  ActWatch from_rest({.act = ServiceAct::Once}, record(Phase::Stopped, 0));
  EXPECT_EQ(from_rest.look(seen(record(Phase::Stopped, 0))), Progress::Pending);
  EXPECT_EQ(from_rest.look(seen(record(Phase::Stopped, 0, later(1)))), Progress::Done) << "come and gone";
  ActWatch running({.act = ServiceAct::Once}, record(Phase::Running, 7));
  EXPECT_EQ(running.look(seen(record(Phase::Running, 7), 1, true)), Progress::Pending);
  EXPECT_EQ(running.look(seen(record(Phase::Running, 7), 1, true)), Progress::Done);
}

TEST(ActWatch, WithoutAProcessThereIsNothingToPause) {
  for (const ServiceAct act : {ServiceAct::Pause, ServiceAct::Continue}) {
    ActWatch watch({.act = act}, record(Phase::Stopped, 0));
    EXPECT_EQ(watch.look(seen(record(Phase::Stopped, 0))), Progress::Pending);
    EXPECT_EQ(watch.look(seen(record(Phase::Stopped, 0))), Progress::Failed);
  }
  ActWatch watch({.act = ServiceAct::Pause}, record(Phase::Running, 7));
  StatusRecord paused = record(Phase::Running, 7);
  EXPECT_EQ(watch.look(seen(paused)), Progress::Pending);
  paused.paused = true;
  EXPECT_EQ(watch.look(seen(paused)), Progress::Done);
}

TEST(ActWatch, ASignalIsSentWhenItsLetterIsRead) {
  ActWatch watch({.act = ServiceAct::Reload}, record(Phase::Running, 7));
  EXPECT_EQ(watch.look(seen(record(Phase::Running, 7), 1, false)), Progress::Pending);
  EXPECT_EQ(watch.look(seen(record(Phase::Running, 7), 1, true)), Progress::Pending);
  EXPECT_TRUE(watch.settling());
  EXPECT_EQ(watch.look(seen(record(Phase::Running, 7), 1, true)), Progress::Done);
}

TEST(ActWatch, ASupervisorThatLeavesIsNamed) {
  ActWatch watch({.act = ServiceAct::Start}, record(Phase::Stopped, 0));
  EXPECT_EQ(watch.look({.supervised = false, .record = {}, .now = kAsked}), Progress::Failed);
  EXPECT_EQ(watch.why_not(), "its supervisor has left");
}

TEST(ActWatch, WhatTheSupervisorGaveUpIsNotWaitedFor) {
  ActWatch watch({.act = ServiceAct::Start}, record(Phase::Stopped, 0));
  StatusRecord gave_up = record(Phase::Stopped, 0, later(1));
  gave_up.gave_up = true;
  gave_up.exit_of(Script::Run) = ExitStatus::signaled(SIGSEGV, true);
  EXPECT_EQ(watch.look(seen(gave_up)), Progress::Pending) << "it may be older than the command";
  EXPECT_EQ(watch.look(seen(gave_up)), Progress::Failed);
  EXPECT_EQ(watch.why_not(), "it does not want to run, run was killed by SEGV and left a core");
}

TEST(ActWatch, WhatItsBackOffKeepsDownIsNotWaitedFor) {
  ActWatch watch({.act = ServiceAct::Start,
                  .back_off = BackOff{.first = std::chrono::minutes(1)},
                  .pause = std::chrono::seconds(1)},
                 record(Phase::Stopped, 0));
  StatusRecord waits = record(Phase::Waiting, 0, later(1));
  waits.exit_of(Script::Run) = ExitStatus::exited(3);
  EXPECT_EQ(watch.look(seen(record(Phase::Running, 7, later(1)), 1)), Progress::Pending);
  EXPECT_EQ(watch.look(seen(waits, 2)), Progress::Pending) << "so long the family's own pause may last";
  EXPECT_EQ(watch.look(seen(waits, 3)), Progress::Failed);
  EXPECT_EQ(watch.why_not(), "its back-off keeps it down for 60 s, run exited with 3");
}

TEST(ActWatch, ABackOffThatIsNoLongerThanTheFamilysPauseIsWaitedFor) {
  ActWatch watch({.act = ServiceAct::Start, .back_off = BackOff{}, .pause = std::chrono::seconds(1)},
                 record(Phase::Stopped, 0));
  EXPECT_EQ(watch.look(seen(record(Phase::Running, 7, later(1)), 1)), Progress::Pending);
  EXPECT_EQ(watch.look(seen(record(Phase::Waiting, 0, later(1)), 9)), Progress::Pending);
}

TEST(ActWatch, WhatIsWantedDownAfterSoManyEndsIsNotWaitedFor) {
  const auto why_not = [](std::optional<BackOff> back_off) {
    ActWatch watch({.act = ServiceAct::Start, .back_off = back_off}, record(Phase::Stopped, 0));
    EXPECT_EQ(watch.look(seen(record(Phase::Running, 7, later(1)), 1)), Progress::Pending);
    EXPECT_EQ(watch.look(seen(record(Phase::Stopped, 0, later(1)), 1)), Progress::Failed);
    return watch.why_not();
  };
  EXPECT_EQ(why_not(BackOff{.failures = 1}), "it stays down after so many ends, by its back-off");
  EXPECT_EQ(why_not(std::nullopt), "it is wanted down again");
}

}  // namespace
}  // namespace kindred
