#include "core/sys/process_tree.h"

#include <poll.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>

#include "core/sys/spawner.h"
#include "tests/core/temporary_directory.h"
#include "tests/core/wait_until.h"

namespace kindred {
namespace {

class ProcessTreeTest : public testing::Test {
 protected:
  ProcessTreeTest() {
    sigset_t mask;
    ::sigemptyset(&mask);
    EXPECT_TRUE(spawner_.open(mask));
  }
  void SetUp() override {
    if (!tells_children()) GTEST_SKIP() << "the kernel keeps no lists of children";
  }
  Result<pid_t> spawn(Session session = Session::Ours) {
    SpawnPlan plan;
    plan.file = "./run";
    plan.argv = argv_;
    plan.directory = dir_.fd();
    plan.session = session;
    plan.head = &head_;
    plan.must_exec = true;
    return spawner_.spawn(plan);
  }
  HeadTells hear() {
    HeadTells tells;
    pollfd told{head_.told.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&told, 1, 20'000), 1);
    if (::read(head_.told.get(), &tells, sizeof tells) != static_cast<ssize_t>(sizeof tells)) tells = {};
    return tells;
  }
  /// What makes a daemon ends, too. That of 0: the head's own.
  HeadTells hear_of(pid_t pid) {
    HeadTells tells = hear();
    while (tells.pid != pid && tells.pid != 0) tells = hear();
    EXPECT_EQ(tells.pid, pid);
    return tells;
  }
  test::TestDirectory dir_;
  SystemSpawner spawner_;
  const char* argv_[2] = {"./run", nullptr};
  Head head_;
};

TEST_F(ProcessTreeTest, AHeadHasWhatItsChildForksAwayAndTellsOfEnds) {
  dir_.write_script("run",
                    "( setsid sh -c 'echo $$ > daemon.new; mv daemon.new daemon; exec sleep 1000' & )\n"
                    "until [ -e daemon ]; do :; done; exit 7");
  for (const Session session : {Session::Ours, Session::Led, Session::Joined}) {
    const Result<pid_t> pid = spawn(session);
    ASSERT_TRUE(pid);
    EXPECT_EQ(WEXITSTATUS(hear_of(*pid).status), 7);
    const ProcessTree tree = ProcessTree::below(head_.pid);
    const pid_t daemon = std::stoi(dir_.read("daemon"));
    EXPECT_TRUE(test::wait_until([&] { return tree.members() == std::vector<pid_t>{daemon}; }));
    EXPECT_EQ(tree.eldest(), daemon);
    tree.signal(SIGKILL);
    hear_of(daemon);
    // It has nobody left.
    EXPECT_EQ(::waitpid(head_.pid, nullptr, 0), head_.pid);
    hear_of(0);
    EXPECT_EQ(tree.eldest(), 0);
    std::filesystem::remove(dir_.path("daemon"));
  }
}

TEST_F(ProcessTreeTest, AChildBelowAHeadIsKnownBeforeItIsExecuted) {
  dir_.write_script("run", "cat known > seen");
  class Known final : public ChildListener {
   public:
    explicit Known(test::TestDirectory& dir) : dir_(dir) {}
    void on_child(pid_t pid) noexcept override { dir_.write("known", std::to_string(pid)); }

   private:
    test::TestDirectory& dir_;
  } known(dir_);
  SpawnPlan plan;
  plan.file = "./run";
  plan.argv = argv_;
  plan.directory = dir_.fd();
  plan.head = &head_;
  plan.listener = &known;
  const Result<pid_t> pid = spawner_.spawn(plan);
  ASSERT_TRUE(pid);
  hear_of(*pid);
  EXPECT_EQ(dir_.read("seen"), std::to_string(*pid));
  EXPECT_EQ(::waitpid(head_.pid, nullptr, 0), head_.pid);
}

TEST_F(ProcessTreeTest, AProgramThatMustBeExecutedAndCannotIsAnErrorBelowAHeadToo) {
  const Result<pid_t> pid = spawn();
  ASSERT_FALSE(pid);
  EXPECT_EQ(pid.error().code, ENOENT);
  EXPECT_EQ(pid.error().operation, "spawn");
  EXPECT_GT(::waitpid(-1, nullptr, 0), 0);
}

}  // namespace
}  // namespace kindred
