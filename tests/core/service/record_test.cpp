// What the scenarios do not show: the record's stamps and exits, the time limits that a service sets for
// itself, down files, process groups.

#include <gtest/gtest.h>

#include "tests/core/simulation.h"

namespace kindred::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kStart = 1'700'000'000;

TEST(Record, StampsFollowTheLifeOfTheService) {
  Simulation sim{kRunit};
  sim.world.has_script = [](Role, Script) { return true; };
  sim.world.finish_ends_at_once = false;
  sim.begin();
  sim.advance(5s);
  sim.main_exits(3);
  EXPECT_EQ(sim.record().phase, Phase::Finishing);
  EXPECT_EQ(sim.record().run_started.seconds, kStart);
  EXPECT_EQ(sim.record().run_ended.seconds, kStart + 5);
  EXPECT_EQ(sim.record().pid_changed.seconds, kStart + 5);
  sim.tell(Verb::Down);
  sim.advance(2s);
  sim.main_exits(0);
  EXPECT_EQ(sim.record().down_since.seconds, kStart + 7);
  EXPECT_EQ(sim.record().ready_changed.seconds, kStart + 7);
  EXPECT_EQ(sim.record().run_started.seconds, kStart);
}

TEST(Record, TheStampOfThePidMovesWithEveryComingAndGoing) {
  Simulation sim{kDaemontools};
  sim.begin(Want::Down);
  EXPECT_EQ(sim.record().pid_changed.seconds, kStart);
  sim.advance(2s);
  sim.tell(Verb::Once);
  EXPECT_EQ(sim.record().pid_changed.seconds, kStart + 2);
  sim.advance(3s);
  sim.tell(Verb::Up);
  sim.tell(Verb::Pause);
  sim.tell(Verb::Exit);
  EXPECT_EQ(sim.record().pid_changed.seconds, kStart + 2);
  sim.main_exits(0);
  EXPECT_EQ(sim.record().pid_changed.seconds, kStart + 5);
}

TEST(Record, SentDownIsTheMarkOfTheProcessThatWasToldToStop) {
  for (const Family* family : kRealFamilies) {
    Simulation sim{*family};
    sim.world.has_script = [](Role, Script) { return true; };
    sim.world.finish_ends_at_once = false;
    sim.begin();
    sim.tell(Verb::Terminate);
    EXPECT_FALSE(sim.record().sent_down) << family->name;
    sim.tell(Verb::Down);
    EXPECT_TRUE(sim.record().sent_down) << family->name;
    sim.main_killed(SIGTERM);
    EXPECT_FALSE(sim.record().sent_down) << family->name;
    sim.advance(5s);
    if (sim.record().pid != 0) sim.main_exits(0);
    EXPECT_EQ(sim.record().phase, Phase::Stopped) << family->name;
    sim.tell(Verb::Up);
    sim.advance(5s);
    EXPECT_FALSE(sim.record().sent_down) << family->name;
  }
}

TEST(Record, FinishCanBeToldHowRunEnded) {
  for (const Family* family : {&kRunit, &kS6, &kPerp}) {
    for (const ExitStatus end : {ExitStatus::exited(7), ExitStatus::signaled(9),
                                 ExitStatus::signaled(11, true), ExitStatus::unknown()}) {
      Simulation sim{*family};
      sim.world.has_script = [](Role, Script) { return true; };
      sim.world.finish_ends_at_once = false;
      sim.begin();
      sim.exits(Role::Main, end);
      EXPECT_EQ(sim.record().phase, Phase::Finishing) << family->name;
      EXPECT_EQ(sim.record().exit_of(Script::Run), end) << family->name;
      sim.main_exits(2);
      EXPECT_EQ(sim.record().exit_of(Script::Run), end) << family->name;
      EXPECT_EQ(sim.record().exit_of(Script::Finish), ExitStatus::exited(2)) << family->name;
    }
  }
}

TEST(Record, FinishIsToldInEachFamilysWords) {
  const auto words = [](const Family& family) {
    return family.convention->main.script(Script::Finish).words;
  };
  EXPECT_TRUE((words(kRunit) == FixedVector<Word, 6>{Word::CodeOrMinusOne, Word::WaitStatusLowByte}));
  EXPECT_TRUE((words(kS6) == FixedVector<Word, 6>{Word::CodeOr256, Word::SignalNumber, Word::ServiceName}));
  EXPECT_TRUE((words(kPerp) == FixedVector<Word, 6>{Word::LiteralReset, Word::ServiceName, Word::ExitOrSignal,
                                                    Word::CodeOrSignalNumber, Word::SignalName}));
}

TEST(Record, TheStatusBytesAreWhatTheFamilysReadersSee) {
  Simulation sim{kRunit};
  sim.begin();
  sim.main_exits(1);
  EXPECT_EQ(sim.next_timer(), 1s);
  EXPECT_EQ(sim.status_bytes()[19], 0);
  EXPECT_EQ(sim.status_bytes()[17], 'u');
  sim.control("d");
  sim.advance(10s);
  EXPECT_EQ(sim.spawned(Role::Main), 1);
  EXPECT_EQ(sim.status_bytes()[17], 'd');
}

TEST(Record, ALogWhoseMainHasLeftIsShownAsWantedDown) {
  Simulation sim{kRunit, true};
  sim.begin();
  sim.shutdown();
  sim.main_killed(SIGTERM);
  EXPECT_EQ(sim.status_bytes(Role::Log)[17], 'd');
  EXPECT_EQ(sim.status_bytes(Role::Log)[19], 1);
}

TEST(Record, BytesThatMeanNothingAreDropped) {
  for (const Family* family : {&kDaemontools, &kRunit}) {
    Simulation sim{*family};
    sim.begin();
    const GroupMachine before = sim.group();
    sim.control("\n eUXDOQrz~");
    EXPECT_TRUE(sim.group() == before) << family->name;
  }
}

/// A service of s6 that has set a time limit for its end.
struct WithTimeoutKill {
  GroupConvention convention = *kS6.convention;
  Family family{"s6", &convention};
  explicit WithTimeoutKill(Duration kill_after) { convention.main.kill_after = kill_after; }
};

TEST(TimeoutKill, KillsAStubbornProcessAgainAndAgain) {
  WithTimeoutKill with(3s);
  Simulation sim{with.family};
  sim.begin();
  sim.tell(Verb::Down);
  EXPECT_EQ(sim.next_timer(), 3s);
  (void)sim.take_trace();
  sim.advance(3s);
  EXPECT_EQ(sim.take_trace(), "CONT KILL");
  EXPECT_EQ(sim.next_timer(), 5s);
  sim.advance(5s);
  EXPECT_EQ(sim.take_trace(), "CONT KILL");
  sim.main_killed(SIGKILL);
  EXPECT_EQ(sim.next_timer(), std::nullopt);
}

TEST(TimeoutKill, IsArmedAnewByEachDown) {
  WithTimeoutKill with(3s);
  Simulation sim{with.family};
  sim.begin();
  sim.tell(Verb::Down);
  sim.advance(2s);
  sim.tell(Verb::Down);
  EXPECT_EQ(sim.next_timer(), 3s);
}

TEST(TimeoutKill, IsDisarmedByADownThatFindsNoLimitAnyMore) {
  WithTimeoutKill with(3s);
  Simulation sim{with.family};
  sim.begin();
  sim.tell(Verb::Down);
  with.convention.main.kill_after = Duration{0};
  sim.tell(Verb::Down);
  EXPECT_EQ(sim.next_timer(), std::nullopt);
}

TEST(TimeoutKill, IsNotArmedByTerminateOrInFinish) {
  WithTimeoutKill with(3s);
  Simulation sim{with.family};
  sim.world.has_script = [](Role, Script) { return true; };
  sim.world.finish_ends_at_once = false;
  sim.begin();
  sim.tell(Verb::Terminate);
  EXPECT_EQ(sim.next_timer(), std::nullopt);
  sim.main_killed(SIGTERM);
  EXPECT_EQ(sim.next_timer(), 5s);
  sim.tell(Verb::Down);
  EXPECT_EQ(sim.next_timer(), 5s);
}

TEST(TimeoutKill, IsArmedByTermToTheSupervisor) {
  WithTimeoutKill with(3s);
  Simulation sim{with.family};
  sim.begin();
  sim.shutdown();
  EXPECT_EQ(sim.next_timer(), 3s);
}

TEST(TimeoutFinish, ZeroIsNoLimit) {
  GroupConvention convention = *kS6.convention;
  convention.main.scripts[static_cast<std::size_t>(Script::Finish)].limit = Duration{0};
  const Family family{"s6", &convention};
  Simulation sim{family};
  sim.world.has_script = [](Role, Script) { return true; };
  sim.world.finish_ends_at_once = false;
  sim.begin();
  sim.main_exits(0);
  EXPECT_EQ(sim.record().phase, Phase::Finishing);
  EXPECT_EQ(sim.next_timer(), std::nullopt);
}

TEST(DownSignal, IsTheServicesOwn) {
  GroupConvention convention = *kS6.convention;
  convention.main.down_signal = SIGINT;
  const Family family{"s6", &convention};
  Simulation sim{family};
  sim.begin();
  (void)sim.take_trace();
  sim.tell(Verb::Terminate);
  EXPECT_EQ(sim.take_trace(), "INT");
  EXPECT_FALSE(sim.record().sent_term);
  sim.tell(Verb::Down);
  EXPECT_EQ(sim.take_trace(), "INT CONT");
}

TEST(DownFile, FollowsTheCommandsThatKeepItInEveryFamily) {
  for (const Family* family : kRealFamilies) {
    Simulation sim{*family};
    sim.begin();
    (void)sim.take_trace();
    sim.tell(ControlCommand{.verb = Verb::NoRestart, .keep_down_file = true});
    EXPECT_EQ(sim.take_trace(), "make-down") << family->name;
    sim.tell(ControlCommand{.verb = Verb::Up, .keep_down_file = true});
    EXPECT_EQ(sim.take_trace(), "remove-down") << family->name;
    sim.tell(ControlCommand{.verb = Verb::Down, .keep_down_file = true});
    EXPECT_EQ(sim.take_trace(), "make-down TERM CONT") << family->name;
  }
}

TEST(ReloadSignal, IsTheServicesOwnAndHupElsewhere) {
  for (const Family* family : kRealFamilies) {
    Simulation sim{*family};
    sim.begin();
    (void)sim.take_trace();
    sim.tell(Verb::Signal);
    EXPECT_EQ(sim.take_trace(), "HUP") << family->name;
  }
  GroupConvention convention = *kS6.convention;
  convention.main.reload_signal = SIGUSR1;
  const Family family{"s6", &convention};
  Simulation sim{family};
  sim.begin();
  (void)sim.take_trace();
  sim.tell(Verb::Signal);
  EXPECT_EQ(sim.take_trace(), "USR1");
}

TEST(Shutdown, LeavesTheWantAloneWhileFinishRunsWhereTheFamilySaysSo) {
  Simulation sim{kS6};
  sim.world.has_script = [](Role, Script) { return true; };
  sim.world.finish_ends_at_once = false;
  sim.begin();
  sim.main_exits(0);
  sim.shutdown();
  EXPECT_EQ(sim.record().want, Want::Up);
  EXPECT_TRUE(sim.record().exiting);
}

TEST(ProcessGroup, OfFinishHearsOnlyWhatIsMeantForAnyScript) {
  Simulation sim{kS6};
  sim.world.has_script = [](Role, Script) { return true; };
  sim.world.finish_ends_at_once = false;
  sim.begin();
  sim.main_exits(0);
  (void)sim.take_trace();
  ControlCommand interrupt{.verb = Verb::Signal, .signal = SIGINT, .to_group = true};
  sim.tell(interrupt);
  EXPECT_EQ(sim.take_trace(), "");
  interrupt.to_any_script = true;
  sim.tell(interrupt);
  EXPECT_EQ(sim.take_trace(), "finishing:group:INT");
}

TEST(ProcessGroup, IsSignalledWhenTheCommandSaysSo) {
  for (const Family* family : kRealFamilies) {
    Simulation sim{*family};
    sim.begin();
    (void)sim.take_trace();
    sim.tell(ControlCommand{.verb = Verb::Signal, .signal = SIGHUP, .to_group = true});
    EXPECT_EQ(sim.take_trace(), "group:HUP") << family->name;
    sim.tell(ControlCommand{.verb = Verb::Down, .to_group = true});
    EXPECT_EQ(sim.take_trace(), "group:TERM group:CONT") << family->name;
  }
}

TEST(Conventions, SayWhetherALogIsSupervisedWithItsMain) {
  EXPECT_FALSE(kDaemontools.convention->supervises_log);
  EXPECT_TRUE(kRunit.convention->supervises_log);
  EXPECT_FALSE(kS6.convention->supervises_log);
  EXPECT_TRUE(kPerp.convention->supervises_log);
  EXPECT_TRUE(kEncore.convention->supervises_log);
}

TEST(Conventions, HaveStepsForEveryVerb) {
  for (const Family* family : kRealFamilies)
    for (std::size_t verb = 0; verb < kVerbs; ++verb)
      EXPECT_FALSE(family->convention->main.steps(static_cast<Verb>(verb)).empty())
          << family->name << " " << verb;
}

TEST(Machine, IsAValue) {
  Simulation sim{kRunit, true};
  sim.begin();
  GroupMachine copy = sim.group();
  EXPECT_TRUE(copy == sim.group());
  const GroupActions answer =
      step(copy, Role::Main, event::Command{{.verb = Verb::Down}}, *kRunit.convention, sim.now());
  EXPECT_FALSE(answer.of_role.empty());
  EXPECT_FALSE(copy == sim.group());
  EXPECT_EQ(sim.record().want, Want::Up);
}

TEST(Machine, ThatHasRetiredAnswersNothing) {
  ServiceMachine machine;
  const Convention& convention = kDaemontools.convention->main;
  const Now now{Instant{1}, WallTime{1, 0}};
  (void)step(machine, event::Begin{Want::Down}, convention, now);
  const Actions left = step(machine, event::Command{{.verb = Verb::Exit}}, convention, now);
  ASSERT_TRUE(machine.retired);
  EXPECT_EQ(left[left.size() - 1].kind, Action::Kind::Retire);
  const ServiceMachine gone = machine;
  EXPECT_TRUE(step(machine, event::Command{{.verb = Verb::Up}}, convention, now).empty());
  EXPECT_TRUE(step(machine, event::TimerFired{}, convention, now).empty());
  EXPECT_TRUE(machine == gone);
}

TEST(Machine, DoesNotTakeAnothersDeathForItsOwn) {
  Simulation sim{kDaemontools};
  sim.begin();
  const GroupMachine before = sim.group();
  sim.happens(Role::Main, event::Exited{4711, ExitStatus::exited(0)});
  EXPECT_TRUE(sim.group() == before);
}

}  // namespace
}  // namespace kindred::test
