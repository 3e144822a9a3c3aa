// The supervisor on real processes in a directory of its own, with faults injected where processes are made.

#include "core/engine/supervisor.h"

#include <poll.h>

#include <csignal>
#include <filesystem>
#include <functional>

#include "compat-daemontools/dialect.h"
#include "compat-perp/dialect.h"
#include "compat-runit/dialect.h"
#include "compat-s6/dialect.h"
#include "core/sys/files.h"
#include "core/sys/record_lock.h"
#include "tests/core/advanced_clock.h"
#include "tests/core/one_service.h"
#include "tests/core/temporary_directory.h"
#include "tests/core/turning_loop.h"

namespace kindred {
namespace {

using test::TestDirectory;

/// Makes processes, unless told to fail.
class FaultySpawner final : public Spawner {
 public:
  explicit FaultySpawner(Spawner& real) : real_(real) {}
  Result<pid_t> spawn(const SpawnPlan& plan) noexcept override {
    if (failures > 0) {
      --failures;
      ++failed;
      return error_here("fork", "", EAGAIN);
    }
    return real_.spawn(plan);
  }
  int failures = 0, failed = 0;

 private:
  Spawner& real_;
};

class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() : loop_(clock_), faulty_(real_), supervisor_(loop_, faulty_) {
    EXPECT_TRUE(signals_.open({SIGCHLD}, {}));
    EXPECT_TRUE(real_.open(signals_.inherited_mask()));
    EXPECT_TRUE(loop_.open());
    EXPECT_TRUE(supervisor_.open(signals_, 1024));
  }
  ~SupervisorTest() override {
    supervisor_.kill_all();
    supervisor_.shut_down_all();
    until([&] { return supervisor_.empty(); });
  }

  ServiceGroup* add(const std::string& name, const Dialect& home) {
    GroupSpec spec;
    spec.name = name;
    spec.home = &home;
    Result<UniqueFd> directory = open_directory(AT_FDCWD, dir_.path(name).c_str());
    EXPECT_TRUE(directory);
    spec.directory = std::move(*directory);
    Result<ServiceGroup*> group = supervisor_.add(std::move(spec));
    EXPECT_TRUE(group) << (group ? "" : group.error().operation + " " + group.error().object);
    return group ? *group : nullptr;
  }

  bool until(const std::function<bool()>& condition) { return turning_.until(condition); }

  void tell(const std::string& name, const std::string& letters) {
    const UniqueFd control(
        ::open(dir_.path(name + "/supervise/control").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    ASSERT_TRUE(control);
    ASSERT_EQ(write_all(control.get(), letters), 0);
  }

  static const StatusRecord& record(const ServiceGroup* group) { return group->machine().main.record; }

  TestDirectory dir_;
  test::AdvancedClock clock_;
  Signals signals_;
  EventLoop loop_;
  SystemSpawner real_;
  FaultySpawner faulty_;
  Supervisor supervisor_;
  test::TurningLoop turning_{loop_, supervisor_};
};

TEST_F(SupervisorTest, RunsAServiceAndShowsItUntilItIsToldToLeave) {
  dir_.make_directory("web");
  dir_.write_script("web/run", "exec sleep 1000");
  ServiceGroup* web = add("web", runit::dialect());
  EXPECT_EQ(dir_.read("web/supervise/stat"), "run\n");
  EXPECT_EQ(dir_.read("web/supervise/pid"), std::to_string(record(web).pid) + "\n");
  tell("web", "x");
  EXPECT_TRUE(until([&] { return supervisor_.empty(); }));
  EXPECT_EQ(dir_.read("web/supervise/stat"), "down\n");
}

TEST_F(SupervisorTest, ALogThatIsNoDirectoryIsNamedAndDoneWithout) {
  dir_.make_directory("web");
  dir_.write_script("web/run", "exec sleep 1000");
  dir_.write("web/log", "");
  testing::internal::CaptureStderr();
  const ServiceGroup* web = add("web", runit::dialect());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "runsv web: warning: ./log: not a directory.\n");
  EXPECT_EQ(record(web).phase, Phase::Running);
  EXPECT_FALSE(web->machine().log);
}

TEST_F(SupervisorTest, ACustomScriptThatCannotBeLookedForIsNamed) {
  dir_.make_directory("web");
  dir_.write_script("web/run", "exec sleep 1000");
  dir_.write("web/control", "");
  testing::internal::CaptureStderr();
  const ServiceGroup* web = add("web", runit::dialect());
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "runsv web: warning: unable to stat control/u: not a directory\n");
  EXPECT_EQ(record(web).phase, Phase::Running);
}

TEST_F(SupervisorTest, ACustomScriptThatCannotBeRunIsNamedInTheFamilysWords) {
  dir_.make_directory("web");
  dir_.write_script("web/run", "exec sleep 1000");
  std::filesystem::create_directories(dir_.path("web/control/u"));
  testing::internal::CaptureStderr();
  const ServiceGroup* web = add("web", runit::dialect());
  EXPECT_TRUE(until([&] { return record(web).phase == Phase::Running; }));
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "runsv web: fatal: unable to run control/?: access denied\n");
}

TEST_F(SupervisorTest, TriesAgainWhenNoProcessCouldBeMade) {
  dir_.make_directory("web");
  dir_.write_script("web/run", "exec sleep 1000");
  faulty_.failures = 2;
  ServiceGroup* web = add("web", daemontools::dialect());
  EXPECT_EQ(record(web).phase, Phase::Waiting);
  for (int attempt = 1; attempt <= 2; ++attempt) {
    clock_.advance(std::chrono::seconds(10));
    EXPECT_TRUE(until([&] { return faulty_.failed > attempt || record(web).pid != 0; }));
  }
  EXPECT_EQ(record(web).phase, Phase::Running);
}

/// Whether the process is stopped, whatever its record says.
bool is_stopped(pid_t pid) {
  const Result<std::string> stat =
      read_file(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/stat").c_str(), 1024);
  return stat && stat->substr(stat->rfind(')'), 3) == ") T";
}

TEST_F(SupervisorTest, WhatIsForItsGroupReachesAProcessThatLeadsOne) {
  dir_.make_directory("web");
  dir_.write_script("web/run", "exec sleep 1000");
  ServiceGroup* const web = add("web", s6::dialect());
  const pid_t pid = record(web).pid;
  EXPECT_TRUE(supervisor_.command(*web, {.verb = Verb::Pause, .to_group = true}, nullptr));
  EXPECT_TRUE(record(web).paused);
  EXPECT_TRUE(until([&] { return is_stopped(pid); }));
  EXPECT_TRUE(supervisor_.command(*web, {.verb = Verb::Continue, .to_group = true}, nullptr));
  EXPECT_FALSE(record(web).paused);
  EXPECT_TRUE(until([&] { return !is_stopped(pid); }));
  EXPECT_TRUE(
      supervisor_.command(*web, {.verb = Verb::Signal, .signal = SIGKILL, .to_group = true}, nullptr));
  EXPECT_TRUE(until([&] { return record(web).pid != pid; }));
}

TEST_F(SupervisorTest, WhatIsForItsGroupIsNotDoneToAProcessThatLeadsNone) {
  for (const Dialect* home : {&runit::dialect(), &daemontools::dialect()}) {
    const std::string name = home->name;
    dir_.make_directory(name);
    dir_.write_script(name + "/run", "exec sleep 1000");
    ServiceGroup* const service = add(name, *home);
    const pid_t pid = record(service).pid;
    ASSERT_GT(pid, 0) << name;
    const ControlCommand pause{.verb = Verb::Pause, .to_group = true};
    testing::internal::CaptureStderr();
    for (const ControlCommand& command :
         {pause, ControlCommand{.verb = Verb::Down, .to_group = true},
          ControlCommand{.verb = Verb::Signal, .signal = SIGKILL, .to_group = true}}) {
      EXPECT_TRUE(service->lacks_group(command)) << name;
      EXPECT_TRUE(supervisor_.command(*service, command, nullptr));
    }
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("its process group"), std::string::npos) << said;
    EXPECT_NE(said.find(name), std::string::npos) << said;
    EXPECT_FALSE(record(service).paused) << name;
    EXPECT_EQ(record(service).want, Want::Up) << name;
    EXPECT_EQ(record(service).pid, pid) << name;
    EXPECT_FALSE(is_stopped(pid)) << name;
    // One that is paused already is no less so.
    EXPECT_TRUE(supervisor_.command(*service, {.verb = Verb::Pause}, nullptr));
    EXPECT_TRUE(supervisor_.command(*service, pause, nullptr));
    EXPECT_TRUE(record(service).paused) << name;
    // What brings no signal needs no group.
    EXPECT_FALSE(service->lacks_group({.verb = Verb::Up, .to_group = true})) << name;
  }
}

TEST_F(SupervisorTest, WhatTheSystemForbidsIsNotRecorded) {
  if (geteuid() != 0) GTEST_SKIP() << "needs to be two users";
  dir_.make_directory("web");
  dir_.write_script("web/run", "exec sleep 1000");
  ServiceGroup* const web = add("web", runit::dialect());
  constexpr uid_t kOther = 65534;
  ASSERT_EQ(setresuid(kOther, kOther, 0), 0);
  EXPECT_TRUE(supervisor_.command(*web, {.verb = Verb::Pause}, nullptr));
  EXPECT_TRUE(supervisor_.command(*web, {.verb = Verb::Terminate}, nullptr));
  ASSERT_EQ(setresuid(0, 0, 0), 0);
  EXPECT_FALSE(record(web).paused);
  EXPECT_FALSE(record(web).sent_term);
  EXPECT_TRUE(until([&] { return dir_.read("web/supervise/stat") == "run\n"; }));
}

TEST_F(SupervisorTest, LeavesOneServiceAndNotItsNeighbour) {
  for (const char* name : {"a", "b"}) {
    dir_.make_directory(name);
    dir_.write_script(std::string(name) + "/run", "exec sleep 1000");
  }
  add("a", daemontools::dialect());
  ServiceGroup* b = add("b", daemontools::dialect());
  const std::int32_t pid = record(b).pid;
  tell("a", "dx");
  EXPECT_TRUE(until([&] { return supervisor_.size() == 1; }));
  EXPECT_EQ(record(b).pid, pid);
  EXPECT_EQ(::kill(pid, 0), 0);
}

TEST_F(SupervisorTest, JudgesADeathByTheCommandsThatCameBeforeIt) {
  dir_.make_directory("web");
  dir_.write_script("web/run", "echo start >> trace; printf d > supervise/control");
  dir_.write("web/down", "");
  ServiceGroup* web = add("web", daemontools::dialect());
  tell("web", "u");
  EXPECT_TRUE(until([&] {
    return record(web).want == Want::Down && record(web).pid == 0 &&
           record(web).exit_of(Script::Run).kind != ExitStatus::Kind::None;
  }));
  clock_.advance(std::chrono::seconds(10));
  // A restart would be long due.
  for (int turns = 0; turns < 5; ++turns) turning_.turn(Duration::zero());
  EXPECT_EQ(dir_.read("web/trace"), "start\n");
}

TEST_F(SupervisorTest, AServiceThatAsksForItStaysDownAfterSoManyEnds) {
  for (const Dialect* const home :
       {&runit::dialect(), &daemontools::dialect(), &s6::dialect(), &perp::dialect()}) {
    const std::string name = home->name;
    dir_.make_directory(name);
    dir_.make_directory(name + "/kindred.d");
    dir_.write(name + "/kindred.d/back-off", "first 0\nfailures 1\n");
    for (const char* const script : {"/run", "/rc.main"})
      dir_.write_script(name + script, "[ \"$1\" = reset ] || exit 3");
    testing::internal::CaptureStderr();
    ServiceGroup* group = add(name, *home);
    EXPECT_TRUE(until([&] { return record(group).phase == Phase::Stopped; })) << name;
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("unable to keep it up"), std::string::npos) << name << ": " << said;
    EXPECT_NE(said.find("it has ended, and stays down"), std::string::npos) << name << ": " << said;
    EXPECT_TRUE(record(group).gave_up) << name;
    EXPECT_EQ(record(group).want, Want::Down) << name;
  }
}

TEST_F(SupervisorTest, ABackOffThatIsNotUnderstoodIsToldOnceAndTheFamilysRuleHolds) {
  dir_.make_directory("web");
  dir_.make_directory("web/kindred.d");
  dir_.write("web/kindred.d/back-off", "failures one\n");
  dir_.write_script("web/run", "echo run >> trace");
  testing::internal::CaptureStderr();
  ServiceGroup* web = add("web", runit::dialect());
  for (int ends = 1; ends < 3; ++ends) {
    EXPECT_TRUE(until([&] { return record(web).phase == Phase::Waiting; }));
    clock_.advance(std::chrono::seconds(1));
    EXPECT_TRUE(until([&] {
      return dir_.read("web/trace").size() > std::string("run\n").size() * static_cast<std::size_t>(ends);
    }));
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "runsv web: warning: unable to use kindred.d/back-off: invalid argument\n");
}

TEST_F(SupervisorTest, AControlScriptEndsBeforeTheDeathThatItWatchesIsJudged) {
  dir_.make_directory("web");
  dir_.make_directory("web/control");
  dir_.write_script("web/run", "exec sleep 1000");
  dir_.write_script("web/finish", "echo finish >> trace");
  dir_.write_script("web/control/t",
                    "kill $(cat supervise/pid); while kill -0 $(cat supervise/pid) 2> /dev/null; do :; done\n"
                    "cat supervise/stat >> trace");
  dir_.write_script("web/control/x", "echo exit >> trace");
  add("web", runit::dialect());
  tell("web", "x");
  EXPECT_TRUE(until([&] { return supervisor_.empty(); }));
  EXPECT_EQ(dir_.read("web/trace"), "run, want exit\nexit\nfinish\n");
}

TEST_F(SupervisorTest, TheStateOfAllIsAValueThatSurvivesBeingWritten) {
  dir_.make_directory("web");
  dir_.make_directory("web/log");
  dir_.write_script("web/run", "exec sleep 1000");
  dir_.write_script("web/log/run", "exec cat > all");
  add("web", runit::dialect());
  const SupervisorState state = supervisor_.state();
  ASSERT_EQ(state.groups.size(), 1U);
  EXPECT_TRUE(state.groups[0].machine.log);
  const Result<SupervisorState> back = decode_state(encode_state(state));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, state);
}

TEST_F(SupervisorTest, SaysThatTheLockIsHeldAndTouchesNothing) {
  dir_.make_directory("web");
  dir_.write_script("web/run", "exec sleep 1000");
  ServiceGroup* web = add("web", runit::dialect());
  const std::string before = dir_.read("web/supervise/status");
  EventLoop loop(clock_);
  ASSERT_TRUE(loop.open());
  Supervisor second(loop, faulty_);
  GroupSpec spec;
  spec.name = "web";
  spec.home = &runit::dialect();
  spec.directory = std::move(*open_directory(AT_FDCWD, dir_.path("web").c_str()));
  const Result<ServiceGroup*> refused = second.add(std::move(spec));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().operation, "lock");
  EXPECT_EQ(refused.error().code, EAGAIN);
  EXPECT_EQ(dir_.read("web/supervise/status"), before);
  EXPECT_NE(record(web).pid, 0);
}

TEST_F(SupervisorTest, RefusesMoreServicesThanItHasDescriptorsFor) {
  EventLoop loop(clock_);
  ASSERT_TRUE(loop.open());
  Supervisor small(loop, faulty_);
  ASSERT_TRUE(small.open(signals_, 20));
  dir_.make_directory("web");
  GroupSpec spec;
  spec.name = "web";
  spec.home = &runit::dialect();
  spec.directory = std::move(*open_directory(AT_FDCWD, dir_.path("web").c_str()));
  const Result<ServiceGroup*> refused = small.add(std::move(spec));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, EMFILE);
  EXPECT_FALSE(dir_.exists("web/supervise"));
}

TEST_F(SupervisorTest, ARunThatMustExecAndCannotWasNeverStarted) {
  dir_.make_directory("web");
  ServiceGroup* web = add("web", s6::dialect());
  EXPECT_TRUE(until([&] { return record(web).phase == Phase::Waiting; }));
  EXPECT_EQ(record(web).pid, 0);
  EXPECT_EQ(record(web).run_ended, WallTime{});
  EXPECT_EQ(dir_.read("web/supervise/death_tally"), "");
  dir_.write_script("web/run", "exec sleep 1000");
  tell("web", "u");
  EXPECT_TRUE(until([&] { return record(web).pid > 0; }));
}

class ViewTest : public SupervisorTest {
 protected:
  UniqueFd root(const std::string& name) {
    dir_.make_directory(name);
    Result<UniqueFd> directory = open_directory(AT_FDCWD, dir_.path(name).c_str());
    EXPECT_TRUE(directory);
    return std::move(*directory);
  }

  void make_service(const std::string& name) {
    dir_.make_directory(name);
    dir_.write_script(name + "/run", "exec sleep 1000");
  }

  [[nodiscard]] bool exists(const std::string& name) const { return dir_.exists(name); }
};

TEST_F(ViewTest, ShowsAndTakesCommandsInAnotherDialect) {
  make_service("web");
  ServiceGroup* web = add("web", daemontools::dialect());
  EXPECT_TRUE(supervisor_.add_view(runit::dialect(), root("views")));
  EXPECT_EQ(dir_.read("views/web/supervise/stat"), "run\n");
  EXPECT_EQ(dir_.read("views/web/supervise/pid"), std::to_string(record(web).pid) + "\n");
  tell("views/web", "d");
  EXPECT_TRUE(until([&] { return record(web).pid == 0; }));
  EXPECT_EQ(dir_.read("views/web/supervise/stat"), "down\n");
  // What was done through the view shows at home.
  EXPECT_EQ(dir_.read("web/supervise/status").substr(12), std::string("\0\0\0\0\0d", 6));
  tell("web", "u");
  EXPECT_TRUE(until([&] { return dir_.read("views/web/supervise/stat") == "run\n"; }));
}

TEST_F(ViewTest, IsTakenAwayWithoutATrace) {
  make_service("web");
  ServiceGroup* web = add("web", daemontools::dialect());
  const std::int32_t pid = record(web).pid;
  EXPECT_TRUE(supervisor_.add_view(runit::dialect(), root("views")));
  EXPECT_FALSE(supervisor_.add_view(runit::dialect(), root("again")));
  EXPECT_TRUE(supervisor_.remove_view(runit::dialect()));
  EXPECT_FALSE(exists("views/web"));
  EXPECT_FALSE(supervisor_.remove_view(runit::dialect()));
  EXPECT_EQ(record(web).pid, pid);
  tell("web", "d");
  EXPECT_TRUE(until([&] { return record(web).pid == 0; }));
}

TEST_F(ViewTest, ShowsWhatComesLaterAndWhatHasLeft) {
  EXPECT_TRUE(supervisor_.add_view(runit::dialect(), root("views")));
  make_service("web");
  add("web", daemontools::dialect());
  EXPECT_EQ(dir_.read("views/web/supervise/stat"), "run\n");
  tell("views/web", "x");
  EXPECT_TRUE(until([&] { return supervisor_.empty(); }));
  EXPECT_EQ(dir_.read("views/web/supervise/stat"), "down\n");
  supervisor_.forget("web");
  EXPECT_FALSE(exists("views/web"));
}

TEST_F(ViewTest, IsALinkInTheDialectOfTheHome) {
  make_service("web");
  add("web", runit::dialect());
  EXPECT_TRUE(supervisor_.add_view(runit::dialect(), root("views")));
  EXPECT_EQ(dir_.read("views/web/supervise/stat"), "run\n");
  EXPECT_TRUE(supervisor_.remove_view(runit::dialect()));
  EXPECT_FALSE(exists("views/web"));
  EXPECT_TRUE(exists("web/run"));
}

TEST_F(ViewTest, ShowsTheLogOfAPairBelowItsMain) {
  make_service("web");
  dir_.make_directory("web/log");
  dir_.write_script("web/log/run", "exec sleep 1000");
  ServiceGroup* web = add("web", runit::dialect());
  EXPECT_TRUE(supervisor_.add_view(daemontools::dialect(), root("views")));
  tell("views/web/log", "d");
  EXPECT_TRUE(until([&] { return web->machine().log->record.pid == 0; }));
  EXPECT_NE(record(web).pid, 0);
  EXPECT_EQ(dir_.read("views/web/log/supervise/status").substr(17), "d");
  EXPECT_EQ(dir_.read("views/web/supervise/status").substr(17), "u");
  EXPECT_TRUE(supervisor_.remove_view(daemontools::dialect()));
  EXPECT_FALSE(exists("views/web"));
}

TEST_F(ViewTest, TheDownFileOfAnotherFamilyHasTheNameThatItHasAtHome) {
  make_service("web");
  dir_.write_script("web/rc.main", "[ $1 = start ] || exit 0; exec sleep 1000");
  ServiceGroup* web = add("web", perp::dialect());
  EXPECT_TRUE(supervisor_.add_view(s6::dialect(), root("views")));
  tell("views/web", "D");
  EXPECT_TRUE(until([&] { return record(web).want == Want::Down; }));
  EXPECT_TRUE(exists("web/flag.down"));
  EXPECT_TRUE(exists("views/web/down"));
  tell("views/web", "U");
  EXPECT_TRUE(until([&] { return record(web).want == Want::Up; }));
  EXPECT_FALSE(exists("web/flag.down") || exists("views/web/down"));
  tell("views/web", "Q");
  EXPECT_TRUE(until([&] { return record(web).want == Want::Down; }));
  EXPECT_TRUE(exists("web/flag.down"));
  EXPECT_FALSE(exists("web/down"));
}

TEST_F(ViewTest, TheDownFileOfALogIsTheLogsOwn) {
  make_service("web");
  dir_.make_directory("web/log");
  dir_.write_script("web/log/run", "exec sleep 1000");
  ServiceGroup* web = add("web", runit::dialect());
  EXPECT_TRUE(supervisor_.add_view(s6::dialect(), root("views")));
  tell("views/web/log", "D");
  EXPECT_TRUE(until([&] { return web->machine().log->record.want == Want::Down; }));
  EXPECT_TRUE(exists("web/log/down"));
  EXPECT_FALSE(exists("web/down"));
}

TEST_F(ViewTest, ADownFileThatTheFamilyDoesNotHaveIsRefusedByName) {
  make_service("web");
  for (const char* script : {"web/rc.main", "web/rc.log"})
    dir_.write_script(script, "[ $1 = start ] || exit 0; exec sleep 1000");
  ServiceGroup* web = add("web", perp::dialect());
  EXPECT_TRUE(supervisor_.add_view(s6::dialect(), root("views")));
  testing::internal::CaptureStderr();
  tell("views/web/log", "D");
  EXPECT_TRUE(until([&] { return web->machine().log->record.want == Want::Down; }));
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("create down"), std::string::npos) << said;
  EXPECT_FALSE(exists("web/down") || exists("web/flag.down"));
}

TEST_F(ViewTest, ADownFifoHoldsNobodyUp) {
  make_service("web");
  ServiceGroup* web = add("web", s6::dialect());
  ASSERT_EQ(::mkfifo(dir_.path("web/down").c_str(), 0600), 0);
  tell("web", "D");
  EXPECT_TRUE(until([&] { return record(web).pid == 0; }));
}

TEST_F(ViewTest, LeavesALogThatIsSupervisedApartWhereItIs) {
  make_service("web");
  make_service("web/log");
  EXPECT_TRUE(supervisor_.add_view(runit::dialect(), root("runit")));
  EXPECT_TRUE(supervisor_.add_view(daemontools::dialect(), root("daemontools")));
  add("web/log", daemontools::dialect());
  add("web", daemontools::dialect());
  EXPECT_EQ(dir_.read("runit/web/log/supervise/stat"), "run\n");
  EXPECT_TRUE(exists("daemontools/web/log/run"));
  tell("web", "x");
  tell("web", "d");
  EXPECT_TRUE(until([&] { return supervisor_.size() == 1; }));
  EXPECT_EQ(dir_.read("runit/web/supervise/stat"), "down\n");
  EXPECT_EQ(dir_.read("runit/web/log/supervise/stat"), "run\n");
  tell("runit/web/log", "x");
  EXPECT_TRUE(until([&] { return supervisor_.empty(); }));
  supervisor_.forget("web");
  EXPECT_FALSE(exists("runit/web"));
  EXPECT_FALSE(exists("daemontools/web"));
  EXPECT_TRUE(exists("web/log/run"));
}

TEST_F(ViewTest, ADirectoryStandsForAServiceWhereTheFamilyKeepsNothingInIt) {
  make_service("web");
  ServiceGroup* web = add("web", daemontools::dialect());
  const Result<DirectoryId> home = identify(web->directory());
  ASSERT_TRUE(home);
  test::OneService host(*home);
  EXPECT_TRUE(supervisor_.add_view(perp::dialect(), root("views"), &host));
  const struct stat st = dir_.look("views/web");
  EXPECT_TRUE(S_ISDIR(st.st_mode));
  EXPECT_NE(st.st_mode & S_ISVTX, 0U);
  EXPECT_TRUE(exists("views/.control/perpd.sock"));
  // Clients know it by the directory that they see.
  const ViewTree& tree = *supervisor_.views().front();
  const DirectoryId here{st.st_dev, st.st_ino};
  ASSERT_TRUE(tree.host->find(here));
  EXPECT_EQ(tree.host->find(here)->name, "web");
  EXPECT_EQ(tree.host->at(0)->id, here);
  EXPECT_EQ(tree.host->command(here, {.verb = Verb::Down}, nullptr), TreeHost::Commanded::Done);
  EXPECT_EQ(host.commands.size(), 1U);
  EXPECT_EQ(tree.host->command({1, 1}, {.verb = Verb::Down}, nullptr), TreeHost::Commanded::Unknown);
}

TEST_F(ViewTest, AScannersFifoIsReadInATree) {
  test::OneService host({});
  EXPECT_TRUE(supervisor_.add_view(s6::dialect(), root("views"), &host));
  const UniqueFd control(
      ::open(dir_.path("views/.s6-svscan/control").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(control);
  ASSERT_EQ(write_all(control.get(), "zx?a"), 0);
  EXPECT_TRUE(until([&] { return host.rescans == 1; }));
  EXPECT_EQ(host.shut_downs, 0);
  ASSERT_EQ(write_all(control.get(), "t"), 0);
  EXPECT_TRUE(until([&] { return host.shut_downs == 1; }));
  const Result<bool> held = is_locked(dir_.fd(), "views/.s6-svscan/lock");
  ASSERT_TRUE(held);
  EXPECT_TRUE(*held);
  EXPECT_TRUE(supervisor_.remove_view(s6::dialect()));
  const UniqueFd nobody(
      ::open(dir_.path("views/.s6-svscan/control").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  EXPECT_FALSE(nobody);
}

/// daemontools, with what other families' conventions ask of the engine besides.
class ExtraTest : public SupervisorTest {
 protected:
  Dialect dialect_ = daemontools::dialect();
  Convention& convention() { return dialect_.convention.main; }
};

TEST_F(ExtraTest, AServiceIsReadyWhenItHasWrittenALine) {
  convention().ready_fd = 7;
  dir_.make_directory("web");
  dir_.write_script("web/run",
                    "printf almost >&7; until [ -e go ]; do sleep 0.01; done; echo >&7; exec sleep 1000");
  ServiceGroup* web = add("web", dialect_);
  ASSERT_NE(web, nullptr);
  // Its half line holds nobody up.
  tell("web", "p");
  EXPECT_TRUE(until([&] { return record(web).paused; }));
  EXPECT_FALSE(record(web).ready);
  tell("web", "c");
  dir_.write("web/go", "");
  EXPECT_TRUE(until([&] { return record(web).ready; }));
  tell("web", "k");
  EXPECT_TRUE(until([&] { return !record(web).ready; }));
}

TEST_F(ExtraTest, AServiceHoldsItsOwnLock) {
  convention().lock_fd = 3;
  dir_.make_directory("web");
  dir_.write_script("web/run", "[ -e /proc/self/fd/3 ] || exit 1; exec sleep 1000");
  ServiceGroup* web = add("web", dialect_);
  const UniqueFd lock(::open(dir_.path("web/supervise/service-lock").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(lock);
  struct flock asked {};
  asked.l_type = F_WRLCK;
  EXPECT_EQ(::fcntl(lock.get(), F_OFD_GETLK, &asked), 0);
  EXPECT_EQ(asked.l_type, F_WRLCK);
  tell("web", "d");
  EXPECT_TRUE(until([&] { return record(web).pid == 0; }));
  asked = {};
  asked.l_type = F_WRLCK;
  EXPECT_EQ(::fcntl(lock.get(), F_OFD_GETLK, &asked), 0);
  EXPECT_EQ(asked.l_type, F_UNLCK);
}

TEST_F(ExtraTest, StartsAndEndsAreToldToNotify) {
  convention().notify = "./notify";
  dir_.make_directory("web");
  dir_.write_script("web/run", "exit 3");
  dir_.write_script("web/notify", "echo \"$*\" >>heard");
  ServiceGroup* web = add("web", dialect_);
  const std::string pid = std::to_string(record(web).pid);
  auto heard = [&](const std::string& line) {
    return dir_.read("web/heard").find(line) != std::string::npos;
  };
  EXPECT_TRUE(until([&] { return dir_.exists("web/heard") && heard("run start " + pid + " 0\n"); }));
  EXPECT_TRUE(until([&] { return heard("run exit " + pid + " 3\n"); }));
}

TEST_F(ExtraTest, AnExitWaitsForWhatIsSaidInTheSameBreath) {
  convention().exit_comes_last = true;
  dir_.make_directory("web");
  dir_.write("web/down", "");
  dir_.write_script("web/run", "exec sleep 1000");
  ServiceGroup* web = add("web", dialect_);
  tell("web", "xu");
  ASSERT_TRUE(until([&] { return record(web).pid != 0; }));
  EXPECT_TRUE(record(web).exiting);
  tell("web", "t");
  EXPECT_TRUE(until([&] { return supervisor_.empty(); }));
}

TEST_F(ExtraTest, WhatCannotBeAStatusFileIsRefusedWhereThatIsAsked) {
  for (const char* name : {"web", "web/supervise", "web/supervise/status"}) dir_.make_directory(name);
  dir_.write_script("web/run", "exec sleep 1000");
  for (const bool must : {true, false}) {
    dialect_.layout.status_must_open = must;
    GroupSpec spec;
    spec.name = "web";
    spec.home = &dialect_;
    spec.directory = std::move(*open_directory(AT_FDCWD, dir_.path("web").c_str()));
    const Result<ServiceGroup*> group = supervisor_.add(std::move(spec));
    EXPECT_EQ(static_cast<bool>(group), !must);
    if (must) {
      EXPECT_EQ(group.error().object, "supervise/status");
    }
  }
}

TEST_F(ExtraTest, AServicesOwnFilesChangeItsConvention) {
  dialect_.configure = [](const ServiceFiles& files, Setting setting, Convention& c) noexcept {
    char room[8];
    const std::optional<std::string_view> text = files.read("signal", room);
    if (text && setting == Setting::DownSignal)
      c.down_signal = static_cast<std::uint8_t>(text->front() - '0');
  };
  dir_.make_directory("web");
  dir_.write_script("web/run",
                    "trap 'echo hup >heard; exit' HUP; trap '' TERM; >begun; while :; do sleep 0.01; done");
  dir_.write("web/signal", "1\n");
  ServiceGroup* web = add("web", dialect_);
  EXPECT_TRUE(until([&] { return dir_.exists("web/begun"); }));
  tell("web", "d");
  EXPECT_TRUE(until([&] { return record(web).pid == 0; }));
  EXPECT_TRUE(dir_.exists("web/heard"));
}

TEST_F(ExtraTest, ABundlesFilesLieInItsServiceDirectory) {
  dialect_.convention.service_directory = "service";
  dir_.make_directory("web");
  dir_.make_directory("web/service");
  dir_.write_script("web/service/run", ">here; exec sleep 1000");
  dir_.make_directory("flat");
  dir_.write_script("flat/run", ">here; exec sleep 1000");
  EXPECT_NE(add("web", dialect_), nullptr);
  EXPECT_NE(add("flat", dialect_), nullptr);
  EXPECT_TRUE(until([&] { return dir_.exists("web/service/here") && dir_.exists("flat/here"); }));
  EXPECT_TRUE(dir_.exists("web/supervise/status"));
  EXPECT_FALSE(dir_.exists("web/service/supervise"));
}

TEST_F(ExtraTest, ALoadedServiceBeginsDownAndIsSeenWhereItWasSaid) {
  dialect_.layout.directory = "";
  dialect_.convention.log_hears_errors = true;
  dir_.make_directory("web");
  dir_.make_directory("seen");
  dir_.write_script("web/run", "echo out; echo err >&2; exec sleep 1000");
  GroupSpec spec;
  spec.name = "web";
  spec.home = &dialect_;
  spec.begin_down = true;
  Result<UniqueFd> files = open_directory(dir_.fd(), "web"), place = open_directory(dir_.fd(), "seen");
  ASSERT_TRUE(files && place);
  spec.directory = std::move(*files);
  spec.supervise = std::move(*place);
  Result<ServiceGroup*> group = supervisor_.add(std::move(spec));
  ASSERT_TRUE(group);
  EXPECT_EQ(record(*group).phase, Phase::Stopped);
  EXPECT_TRUE(dir_.exists("seen/status") && dir_.exists("seen/control"));
  EXPECT_FALSE(dir_.exists("web/supervise"));
  Result<InputPipe> pipe = InputPipe::make();
  ASSERT_TRUE(pipe);
  auto output = std::make_shared<InputPipe>(std::move(*pipe));
  (*group)->set_output(output);
  ASSERT_TRUE(supervisor_.command(**group, {.verb = Verb::Up}));
  std::string heard;
  EXPECT_TRUE(until([&] {
    char bytes[64];
    pollfd ready{output->read_end(), POLLIN, 0};
    if (::poll(&ready, 1, 0) == 1) {
      const ssize_t got = ::read(output->read_end(), bytes, sizeof bytes);
      if (got > 0) heard.append(bytes, static_cast<std::size_t>(got));
    }
    return heard == "out\nerr\n";
  })) << heard;
}

TEST_F(ExtraTest, AProcessThatSomebodyElseStopsIsPaused) {
  convention().notices_stops = true;
  supervisor_.set_notices_stops();
  dir_.make_directory("web");
  dir_.write_script("web/run", "exec sleep 1000");
  ServiceGroup* web = add("web", dialect_);
  ::kill(record(web).pid, SIGSTOP);
  EXPECT_TRUE(until([&] { return record(web).paused; }));
  ::kill(record(web).pid, SIGCONT);
  EXPECT_TRUE(until([&] { return !record(web).paused; }));
}

}  // namespace
}  // namespace kindred
