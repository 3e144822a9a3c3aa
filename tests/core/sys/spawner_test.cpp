#include "core/sys/spawner.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>

#include "tests/core/refused_call.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

class SpawnerTest : public testing::Test {
 protected:
  SpawnerTest() {
    sigset_t mask;
    ::sigemptyset(&mask);
    EXPECT_TRUE(spawner_.open(mask));
  }
  int run(const SpawnPlan& plan) {
    Result<pid_t> pid = spawner_.spawn(plan);
    EXPECT_TRUE(pid);
    int status = 0;
    EXPECT_EQ(::waitpid(*pid, &status, 0), *pid);
    return status;
  }
  SpawnPlan plan(const char* file) {
    argv_[0] = file;
    SpawnPlan made;
    made.file = file;
    made.argv = argv_;
    made.directory = dir_.fd();
    return made;
  }
  TestDirectory dir_;
  SystemSpawner spawner_;
  const char* argv_[2] = {nullptr, nullptr};
};

TEST_F(SpawnerTest, RunsInTheDirectoryWithItsOwnDescriptorsOnly) {
  // A number that neither the shell takes for itself nor a test runner has left open in us.
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd secret(::fcntl(null.get(), F_DUPFD_CLOEXEC, 300));
  dir_.write_script("run", "pwd > where; ls /proc/$$/fd > fds");
  EXPECT_EQ(WEXITSTATUS(run(plan("./run"))), 0);
  EXPECT_EQ(dir_.read("where"), dir_.path() + "\n");
  const std::string fds = dir_.read("fds");
  EXPECT_EQ(fds.find(std::to_string(secret.get()) + "\n"), std::string::npos) << fds;
}

TEST_F(SpawnerTest, SaysWhyItCouldNotExecAndEndsWithTheFamilysCode) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reading(ends[0]), kept(::fcntl(2, F_DUPFD_CLOEXEC, 10));
  ::dup2(ends[1], 2);
  ::close(ends[1]);
  SpawnPlan missing = plan("./run");
  missing.failure_prefix = "supervise: fatal: unable to start web/run: ";
  const int status = run(missing);
  ::dup2(kept.get(), 2);
  char text[200] = "";
  EXPECT_GT(::read(reading.get(), text, sizeof text - 1), 0);
  EXPECT_STREQ(text, "supervise: fatal: unable to start web/run: file does not exist\n");
  EXPECT_EQ(WEXITSTATUS(status), 111);
}

TEST_F(SpawnerTest, AChildThatMustExecAndCannotIsNone) {
  SpawnPlan missing = plan("./run");
  missing.must_exec = true;
  missing.failure_prefix = "said by nobody: ";
  const Result<pid_t> pid = spawner_.spawn(missing);
  ASSERT_FALSE(pid);
  EXPECT_EQ(pid.error().code, ENOENT);
  EXPECT_EQ(pid.error().operation, "spawn");
  EXPECT_EQ(pid.error().object, "./run");
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
  dir_.write_script("run", "exit 3");
  SpawnPlan there = plan("./run");
  there.must_exec = true;
  EXPECT_EQ(WEXITSTATUS(run(there)), 3);
}

TEST_F(SpawnerTest, GivesAPipeOpenInOneDirectionOnly) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const std::string self = "/proc/self/fd/" + std::to_string(ends[0]);
  UniqueFd both(::open(self.c_str(), O_RDWR | O_CLOEXEC));
  ::close(ends[0]);
  ::close(ends[1]);
  dir_.write_script("reader", "cat > got");
  dir_.write_script("writer", "echo words");
  SpawnPlan reader = plan("./reader");
  reader.input = both.get();
  Result<pid_t> reading = spawner_.spawn(reader);
  ASSERT_TRUE(reading);
  SpawnPlan writer = plan("./writer");
  writer.output = both.get();
  EXPECT_EQ(WEXITSTATUS(run(writer)), 0);
  both.reset();
  int status = 0;
  EXPECT_EQ(::waitpid(*reading, &status, 0), *reading) << "the reader sees the end when we let go";
  EXPECT_EQ(dir_.read("got"), "words\n");
}

TEST_F(SpawnerTest, GivesChildrenBackTheLimitThatWasRaised) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 200;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  spawner_.raise_descriptor_limit();
  EXPECT_GE(spawner_.descriptor_limit(), before.rlim_max);
  dir_.write_script("run", "ulimit -n > limit; ulimit -Hn > hard");
  EXPECT_EQ(WEXITSTATUS(run(plan("./run"))), 0);
  EXPECT_EQ(dir_.read("limit"), "200\n");
  EXPECT_EQ(dir_.read("hard"), std::to_string(before.rlim_max) + "\n");
  ::setrlimit(RLIMIT_NOFILE, &before);
}

/// In a process of its own, which does not get its hard limit back.
template <typename Check>
bool holds_with_low_hard_limit(Check check) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    const rlimit low{200, 300};
    ::_exit(::setrlimit(RLIMIT_NOFILE, &low) == 0 && check() ? 0 : 1);
  }
  int status = -1;
  return ::waitpid(pid, &status, 0) == pid && status == 0;
}

TEST_F(SpawnerTest, RaisesTheHardLimitWhereItMay) {
  const auto may = [] {
    const rlimit more{301, 301};
    return ::setrlimit(RLIMIT_NOFILE, &more) == 0;
  };
  if (!holds_with_low_hard_limit(may)) GTEST_SKIP() << "this process may not raise its hard limits";
  dir_.write_script("run", "ulimit -n > limit; ulimit -Hn > hard");
  EXPECT_TRUE(holds_with_low_hard_limit([this] {
    spawner_.raise_descriptor_limit();
    return spawner_.descriptor_limit() > 300 && WEXITSTATUS(run(plan("./run"))) == 0;
  }));
  EXPECT_EQ(dir_.read("limit"), "200\n");
  EXPECT_EQ(dir_.read("hard"), "300\n");
}

TEST_F(SpawnerTest, RaisesToTheHardLimitWhereThatMayNotBeRaised) {
  EXPECT_TRUE(holds_with_low_hard_limit([this] {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct held[2]{};
    ::syscall(SYS_capget, &header, held);
    for (auto* const set : {&held[0].effective, &held[0].permitted, &held[0].inheritable})
      *set &= ~(1U << CAP_SYS_RESOURCE);
    if (::syscall(SYS_capset, &header, held) != 0) return false;
    spawner_.raise_descriptor_limit();
    return spawner_.descriptor_limit() == 300;
  }));
}

TEST_F(SpawnerTest, WritesTheChildsPidIntoItsEnvironment) {
  dir_.write_script("run", "echo $SELF > self; echo $$ > pid; echo ${HOME-none} > home");
  char self[] = "SELF=0123456789";
  const char* const environment[] = {self, nullptr};
  SpawnPlan told = plan("./run");
  told.environment = environment;
  told.own_pid = self + 5;
  EXPECT_EQ(WEXITSTATUS(run(told)), 0);
  EXPECT_EQ(dir_.read("self"), dir_.read("pid"));
  EXPECT_EQ(dir_.read("home"), "none\n");
}

TEST_F(SpawnerTest, LeadsASessionWhereThePlanSaysSo) {
  dir_.write_script("run", "ps -o sid= -p $$ | tr -d ' ' > sid; echo $$ > pid");
  SpawnPlan leader = plan("./run");
  leader.session = Session::Led;
  EXPECT_EQ(WEXITSTATUS(run(leader)), 0);
  EXPECT_EQ(dir_.read("sid"), dir_.read("pid"));
}

TEST_F(SpawnerTest, IsInASessionOfItsOwnThatItDoesNotLeadWhereThePlanSaysSo) {
  dir_.write_script("run",
                    "ps -o sid= -p $$ | tr -d ' ' > sid; ps -o pgid= -p $$ | tr -d ' ' > group; "
                    "echo $$ > pid; exec setsid sh -c 'echo $$ > leader; exit 7'");
  SpawnPlan member = plan("./run");
  member.session = Session::Joined;
  // Our child, and setsid(1) does not fork: the end is that of the program after it.
  EXPECT_EQ(WEXITSTATUS(run(member)), 7);
  EXPECT_EQ(dir_.read("leader"), dir_.read("pid"));
  EXPECT_NE(dir_.read("sid"), dir_.read("pid"));
  EXPECT_EQ(dir_.read("sid"), dir_.read("group"));
  EXPECT_NE(dir_.read("sid"), std::to_string(::getsid(0)) + "\n");
  // The leader was a child of ours too, and has been waited for.
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(SpawnerTest, AMemberOfASessionThatMustExecIsNoneWhereItCannot) {
  SpawnPlan missing = plan("./none");
  missing.session = Session::Joined;
  missing.must_exec = true;
  const Result<pid_t> pid = spawner_.spawn(missing);
  ASSERT_FALSE(pid);
  EXPECT_EQ(pid.error().code, ENOENT);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

/// Open without close-on-exec before the spawner is, at a number that neither the shell takes for itself nor a test
/// runner has left open in us.
constexpr int kCameWithUs = 250;

struct Keeper final : ChildListener {
  void on_child(pid_t pid) noexcept override {
    told = pid;
    kept.reset(::open("/", O_RDONLY | O_CLOEXEC));
  }
  pid_t told = 0;
  UniqueFd kept;
};

/// Two hundred of ours are open, from 300 on; one came with us.
bool starts_with_its_own_descriptors_only(const TestDirectory& dir, Session session) {
  sigset_t mask;
  ::sigemptyset(&mask);
  if (::dup2(0, kCameWithUs) != kCameWithUs) return false;
  SystemSpawner spawner;
  if (!spawner.open(mask)) return false;
  for (int i = 0; i < 200; ++i)
    if (::fcntl(0, F_DUPFD_CLOEXEC, 300) < 0) return false;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  const char* const argv[] = {"./run", nullptr};
  SpawnPlan plan;
  plan.file = argv[0];
  plan.argv = argv;
  plan.directory = dir.fd();
  plan.output = ends[1];
  plan.session = session;
  Keeper keeper;
  plan.listener = &keeper;
  const Result<pid_t> pid = spawner.spawn(plan);
  int status = 1;
  // What is opened when the child is known stays open in us.
  if (!pid || keeper.told != *pid || ::fcntl(keeper.kept.get(), F_GETFD) < 0) return false;
  if (::waitpid(*pid, &status, 0) != *pid) return false;
  char said[8] = "";
  // The child must not have changed our own: its standard output is not ours.
  struct stat ours {
  }, pipe{};
  return WEXITSTATUS(status) == 3 && ::read(ends[0], said, sizeof said) == 6 && ::fstat(1, &ours) == 0 &&
         ::fstat(ends[1], &pipe) == 0 && ours.st_ino != pipe.st_ino;
}

TEST_F(SpawnerTest, StartsServicesWhereCloseRangeIsRefused) {
  dir_.write_script("run",
                    "[ -e /proc/$$/fd/250 ] || exit 4; for fd in /proc/$$/fd/*; do [ ${fd##*/} -lt 300 ] || "
                    "exit 5; done; echo words; exit 3");
  for (const Session session : {Session::Ours, Session::Led, Session::Joined})
    for (const unsigned error : {ENOSYS, EPERM, EINVAL})
      EXPECT_EXIT(
          {
            const bool refused = test::refuse_call(SYS_close_range, error);
            _exit(refused && starts_with_its_own_descriptors_only(dir_, session) ? 0 : 1);
          },
          testing::ExitedWithCode(0), "")
          << error;
}

TEST_F(SpawnerTest, StartsServicesWhereUnshareIsRefusedToo) {
  dir_.write_script("run", "[ -e /proc/$$/fd/250 ] || exit 4; echo words; exit 3");
  for (const Session session : {Session::Ours, Session::Led, Session::Joined})
    for (const unsigned error : {ENOSYS, EPERM, EINVAL})
      EXPECT_EXIT(
          {
            const bool refused =
                test::refuse_call(SYS_unshare, error) && test::refuse_call(SYS_close_range, error);
            _exit(refused && starts_with_its_own_descriptors_only(dir_, session) ? 0 : 1);
          },
          testing::ExitedWithCode(0), "")
          << error;
}

}  // namespace
}  // namespace kindred
