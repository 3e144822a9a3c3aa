#include "core/native/takeover_plan.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "core/base/nul_words.h"
#include "core/native/adoption.h"
#include "core/native/scanner_launch.h"

namespace kindred {
namespace {

constexpr FileId kSelf{9, 100}, kLogPipe{9, 101}, kReady{9, 102}, kControl{1, 10}, kOk{1, 11},
    kLogControl{1, 12}, kLogOk{1, 13};

HeldFifo pipe_end(int fd, FileId id, bool reads, bool waits = true) {
  return {.fd = fd, .id = id, .is_pipe = true, .reads = reads, .writes = !reads, .waits = waits};
}

HeldFifo fifo(int fd, FileId id, bool reads) {
  return {.fd = fd, .id = id, .reads = reads, .writes = !reads, .waits = false};
}

RoleFiles files(std::int32_t pid, FileId control, FileId ok, Want want = Want::Up) {
  DecodedStatus status;
  status.snapshot.main.pid = pid;
  status.snapshot.main.phase = pid != 0 ? Phase::Running : Phase::Stopped;
  status.snapshot.main.want = want;
  status.snapshot.main.run_started = {1000, 7};
  return {status, control, ok};
}

/// Like one that looks after main and log, and has a pipe to itself by which it is woken up.
ForeignSupervisor of_both() {
  ForeignSupervisor supervisor;
  supervisor.fifos = {pipe_end(3, kSelf, true, false),
                      pipe_end(4, kSelf, false, false),
                      pipe_end(5, kLogPipe, true),
                      pipe_end(6, kLogPipe, false),
                      fifo(7, kControl, true),
                      fifo(8, kControl, false),
                      fifo(9, kOk, true),
                      fifo(10, kLogControl, true),
                      fifo(11, kLogOk, true)};
  supervisor.children = {{.pid = 40, .start_ticks = 500}, {.pid = 41, .start_ticks = 501}};
  supervisor.main = files(41, kControl, kOk);
  supervisor.log = files(40, kLogControl, kLogOk);
  return supervisor;
}

TEST(Takeover, IsOfTheProcessesThatTheRecordsAndTheKernelTellOf) {
  const Result<TakeoverPlan> plan = plan_takeover(of_both());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->main.pid, 41);
  EXPECT_EQ(plan->main.start_ticks, 501U);
  EXPECT_EQ(plan->main.since, (WallTime{1000, 7}));
  ASSERT_TRUE(plan->log);
  EXPECT_EQ(plan->log->pid, 40);
}

TEST(Takeover, TakesThePipeToTheLogAndWhatClientsWriteInto) {
  const Result<TakeoverPlan> plan = plan_takeover(of_both());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->pipe, kLogPipe.inode);
  EXPECT_EQ(plan->ready_pipe, 0U);
  const std::vector<TakenFifo> expected{{7, kControl, true},
                                        {9, kOk, false},
                                        {10, kLogControl, true},
                                        {11, kLogOk, false},
                                        {5, kLogPipe, true}};
  EXPECT_EQ(plan->fifos, expected);
}

TEST(Takeover, FindsThePipeWhicheverEndALoggerOrAServiceHasMadeNonBlocking) {
  for (const auto& [reading_waits, writing_waits] :
       {std::pair{false, true}, std::pair{true, false}, std::pair{false, false}}) {
    ForeignSupervisor supervisor = of_both();
    supervisor.fifos[2].waits = reading_waits;
    supervisor.fifos[3].waits = writing_waits;
    const Result<TakeoverPlan> plan = plan_takeover(supervisor);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->pipe, kLogPipe.inode) << reading_waits << writing_waits;
  }
}

TEST(Takeover, TakesThePipeThatWakesASupervisorUpForNoLogs) {
  ForeignSupervisor supervisor = of_both();
  supervisor.fifos.erase(supervisor.fifos.begin() + 2, supervisor.fifos.begin() + 4);
  const Result<TakeoverPlan> plan = plan_takeover(supervisor);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->pipe, 0U);
}

TEST(Takeover, FindsThePipeWhereNeitherSideRuns) {
  ForeignSupervisor supervisor = of_both();
  supervisor.children.clear();
  supervisor.main = files(0, kControl, kOk, Want::Down);
  supervisor.log = files(0, kLogControl, kLogOk);
  const Result<TakeoverPlan> plan = plan_takeover(supervisor);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->main.pid, 0);
  EXPECT_EQ(plan->main.want, Want::Down);
  EXPECT_EQ(plan->pipe, kLogPipe.inode);
}

TEST(Takeover, BelievesNoRecordThatTellsOfAnotherProcess) {
  ForeignSupervisor supervisor = of_both();
  supervisor.main = files(1, kControl, kOk);
  const Result<TakeoverPlan> plan = plan_takeover(supervisor);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, EAGAIN);
}

TEST(Takeover, OfOneProcessIsOnlyOneRoles) {
  ForeignSupervisor supervisor = of_both();
  supervisor.children.pop_back();
  supervisor.main = files(40, kControl, kOk);
  EXPECT_FALSE(plan_takeover(supervisor));
}

TEST(Takeover, WaitsForWhatPasses) {
  ForeignSupervisor ended = of_both(), made = of_both(), besides = of_both();
  ended.children[0].ended = true;
  made.children[0].is_being_made = true;
  besides.children.push_back({.pid = 50});
  for (const ForeignSupervisor& supervisor : {ended, made, besides}) {
    const Result<TakeoverPlan> plan = plan_takeover(supervisor);
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, EAGAIN);
  }
}

TEST(Takeover, NeedsARecord) {
  ForeignSupervisor supervisor = of_both();
  supervisor.log->record.reset();
  const Result<TakeoverPlan> plan = plan_takeover(supervisor);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, EBADMSG);
}

TEST(Takeover, TakesThePipeOfAServiceThatIsNotReadyYet) {
  ForeignSupervisor supervisor;
  supervisor.fifos = {pipe_end(0, {9, 7}, true), pipe_end(1, kLogPipe, false), pipe_end(6, kReady, true),
                      fifo(7, kControl, true)};
  supervisor.children = {{.pid = 41}};
  supervisor.main = files(41, kControl, kOk);
  supervisor.scanners_pipe = kLogPipe;
  Result<TakeoverPlan> plan = plan_takeover(supervisor);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->pipe, kLogPipe.inode);
  EXPECT_EQ(plan->ready_pipe, kReady.inode);
  EXPECT_EQ(plan->fifos,
            (std::vector<TakenFifo>{{7, kControl, true}, {1, kLogPipe, true}, {6, kReady, false}}));
  supervisor.main.record->snapshot.main.ready = true;
  plan = plan_takeover(supervisor);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->ready_pipe, 0U);
}

TEST(ScannersPipe, IsWhatOneWritesAndTheOtherReads) {
  const std::vector<HeldFifo> main{pipe_end(1, kLogPipe, false)}, log{pipe_end(0, kLogPipe, true)},
      other{pipe_end(0, kSelf, true)}, elsewhere{pipe_end(3, kLogPipe, true)};
  EXPECT_EQ(scanners_pipe(main, log), kLogPipe);
  EXPECT_FALSE(scanners_pipe(main, other));
  EXPECT_FALSE(scanners_pipe(main, elsewhere));
  EXPECT_FALSE(scanners_pipe(main, {}));
}

TEST(OpenFlags, AreReadInOctal) {
  EXPECT_EQ(parse_open_flags("pos:\t0\nflags:\t02004001\nmnt_id:\t15\n"), 02004001);
  EXPECT_EQ(parse_open_flags("flags:\t00"), 0);
  EXPECT_FALSE(parse_open_flags("pos:\t0\nxflags:\t01\n"));
  EXPECT_FALSE(parse_open_flags("flags:\t9\n"));
  EXPECT_FALSE(parse_open_flags("flags:\t\n"));
  EXPECT_FALSE(parse_open_flags(""));
}

TEST(UserOfAProcess, IsAllThatItMayBecome) {
  EXPECT_TRUE(is_all_of_user("Name:\tx\nUid:\t0\t0\t0\t0\nGid:\t1\t1\t1\t1\n", 0));
  EXPECT_FALSE(is_all_of_user("Name:\tx\nUid:\t7\t0\t0\t0\n", 0));
  EXPECT_FALSE(is_all_of_user("Name:\tx\nUid:\t0\t0\t0\t7\n", 0));
  EXPECT_FALSE(is_all_of_user("Name:\tx\nUid:\t0\t0\t0\n", 0));
  EXPECT_FALSE(is_all_of_user("Name:\tUid:\t0\t0\t0\t0\n", 0));
  EXPECT_FALSE(is_all_of_user("", 0));
}

TEST(ScannerLaunch, ReadsWhatProcTells) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(split_words(std::string_view("a\0\0b c\0", 7)), (Words{"a", "", "b c"}));
  EXPECT_EQ(split_words(""), Words{});
  EXPECT_EQ(unified_group_in("1:cpu:/x\n0::/system.slice/a:b\n"), "/system.slice/a:b");
  EXPECT_EQ(unified_group_in("1:cpu:/x\n"), "");
}

TEST(ScannerLaunch, KnowsTheUnitOfAGroup) {
  EXPECT_EQ(unit_of_group("/sys/fs/cgroup/system.slice/runit.service/cgroup.procs"), "runit.service");
  EXPECT_EQ(unit_of_group("/sys/fs/cgroup/user.slice/user-0.slice/session-1.scope/cgroup.procs"), "");
  EXPECT_EQ(unit_of_group("/sys/fs/cgroup/x/.service/cgroup.procs"), "");
  EXPECT_EQ(unit_of_group("/sys/fs/cgroup/-p.service/cgroup.procs"), "");
  EXPECT_EQ(unit_of_group("/sys/fs/cgroup/cgroup.procs"), "");
  EXPECT_EQ(unit_of_group(""), "");
}

TEST(ScannerLaunch, LeavesOutWhatNamesDescriptors) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(without_options({"s", "-c", "9", "-d", "4", "-X5", "dir"}, "dX"), (Words{"s", "-c", "9", "dir"}));
  EXPECT_EQ(without_options({"s", "-d"}, "d"), Words{"s"});
  EXPECT_EQ(without_options({"s", "--", "-d"}, "d"), (Words{"s", "--", "-d"}));
  EXPECT_EQ(without_options({"s", "-", "dir"}, ""), (Words{"s", "-", "dir"}));
}

TEST(ScannerLaunch, HasEachVariableOnce) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(with_variables({"A=1", "AB=2"}, {"A=3"}), (Words{"AB=2", "A=3"}));
}

TEST(WordsForOriginal, NameTheProgramAndTheDirectoryByTheirPaths) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(words_for_original({"/opt/kindred/runsvdir", "-P", "etc/service/", "log: ..."},
                               "/usr/bin/runsvdir", "/etc/service"),
            (Words{"/usr/bin/runsvdir", "-P", "/etc/service", "log: ..."}));
  EXPECT_EQ(words_for_original({"s6-svscan", "-c", "100", "service"}, "/usr/bin/s6-svscan", "/run/service"),
            (Words{"/usr/bin/s6-svscan", "-c", "100", "/run/service"}));
  EXPECT_EQ(words_for_original({"svscan"}, "/usr/bin/svscan", "/service"), (Words{"/usr/bin/svscan"}));
  EXPECT_EQ(words_for_original({}, "/usr/bin/svscan", "/service"), (Words{"/usr/bin/svscan"}));
}

TEST(WordsForRunDirectory, NameAnotherOneWhereTheyNameOne) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(words_for_run_directory({"kindred", "scan", "--run-dir", "/a", "/service"}, "/b"),
            (Words{"kindred", "scan", "--run-dir", "/b", "/service"}));
  EXPECT_EQ(words_for_run_directory({"kindred", "scan", "--run-dir=/a", "--run-dir"}, "/b"),
            (Words{"kindred", "scan", "--run-dir=/b", "--run-dir"}));
  EXPECT_EQ(words_for_run_directory({"runsvdir", "/a"}, "/b"), (Words{"runsvdir", "/a"}));
}

}  // namespace
}  // namespace kindred
