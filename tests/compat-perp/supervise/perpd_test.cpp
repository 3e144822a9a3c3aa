// What rc scripts are given by perpd, beyond the recorded cases. Source: interfaces/perp.md sections 2 to 6.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "compat-perp/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::perp {
namespace {

using test::wait_until;

constexpr const char* kTell =
    "echo \"$*\" >> ../events\n"
    "[ $1 = start ] || exit 0\n"
    "echo $$ > ../pid.new; mv ../pid.new ../pid\n"
    "grep -e SigBlk -e SigIgn /proc/self/status > ../signals\n"
    "exec sleep 1000\n";

class Perpd : public ::testing::Test {
 protected:
  void begin(const test::Main& main = perpd_main) {
    perpd_ = std::make_unique<test::RunningMain>(main, std::vector<std::string>{"perpd", base_.path()});
  }
  void TearDown() override {
    if (!perpd_) return;
    perpd_->kill(SIGTERM);
    EXPECT_EQ(perpd_->end().code, 0);
  }
  void add(const std::string& name) {
    base_.make_directory(name);
    base_.write_script(name + "/rc.main", kTell);
    chmod(base_.path(name).c_str(), 01755);
  }
  [[nodiscard]] bool happened(const std::string& what) {
    return wait_until(
        [&] { return base_.exists("events") && base_.read("events").find(what) != std::string::npos; });
  }

  test::TestDirectory base_;
  std::unique_ptr<test::RunningMain> perpd_;
};

TEST_F(Perpd, TellsScriptsTheNameOfNowAndNotMoreThanThirtyOneBytesOfIt) {
  add("before");
  begin();
  ASSERT_TRUE(happened("start before\n"));
  ASSERT_TRUE(wait_until([&] { return base_.exists("pid"); }));
  const std::string name = "abcdefghijklmnopqrstuvwxyz0123456789";
  ASSERT_EQ(rename(base_.path("before").c_str(), base_.path(name).c_str()), 0);
  perpd_->kill(SIGHUP);
  // It has looked again when what it finds besides has started.
  add("other");
  ASSERT_TRUE(wait_until([&] {
    perpd_->kill(SIGHUP);
    return base_.read("events").find("start other\n") != std::string::npos;
  }));
  const std::vector<std::string> terminate{"perpctl", "-q", "-b", base_.path(), "t", name};
  ASSERT_EQ(test::run_main(perpctl_main, terminate).code, 0);
  EXPECT_TRUE(happened("reset " + name.substr(0, 31) + " signal 15 SIGTERM\n"));
}

TEST_F(Perpd, BlocksNothingForScriptsAndLeavesIgnoredWhatOthersIgnored) {
  add("web");
  begin([](int argc, char** argv) {
    sigset_t some;
    sigemptyset(&some);
    for (const int signal : {SIGTERM, SIGUSR1, SIGWINCH}) sigaddset(&some, signal);
    sigprocmask(SIG_BLOCK, &some, nullptr);
    for (const int signal : {SIGQUIT, SIGINT, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
    return perpd_main(argc, argv);
  });
  ASSERT_TRUE(happened("start web\n"));
  ASSERT_TRUE(wait_until([&] { return base_.exists("signals") && base_.read("signals").size() >= 50; }));
  EXPECT_EQ(base_.read("signals"), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000004\n");
}

TEST_F(Perpd, StartsNothingWhenItIsToldToEndBeforeItBegan) {
  add("web");
  begin([](int argc, char** argv) {
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, nullptr);
    raise(SIGTERM);
    return perpd_main(argc, argv);
  });
  EXPECT_EQ(perpd_->end().code, 0);
  perpd_.reset();
  EXPECT_FALSE(base_.exists("events"));
  EXPECT_TRUE(base_.exists(".control/perpd.pid"));
}

// 5.4. What ignored its TERM when it was deactivated gets another when perpd ends.
TEST_F(Perpd, TellsWhatItDeactivatesOnceMoreAtItsEnd) {
  add("web");
  base_.write_script("web/rc.main",
                     "[ $1 = start ] || { echo reset $5 >> ../events; exit 0; }\n"
                     "trap 'echo main TERM >> ../events; test -e ../go && exit 0' TERM\n"
                     "echo main started >> ../events\n"
                     "i=0; while [ $i -lt 600 ]; do i=$((i + 1)); sleep 0.1; done\n");
  add("logged");
  base_.write_script("logged/rc.log",
                     "[ $1 = start ] || exit 0\n"
                     "trap 'echo log TERM >> ../events; test -e ../go && exit 0' TERM\n"
                     "echo log started >> ../events\n"
                     "i=0; while [ $i -lt 600 ]; do i=$((i + 1)); sleep 0.1; done\n");
  begin();
  for (const char* line : {"start logged\n", "log started\n", "main started\n"})
    ASSERT_TRUE(happened(line)) << line;
  chmod(base_.path("web").c_str(), 0755);
  chmod(base_.path("logged").c_str(), 0755);
  perpd_->kill(SIGHUP);
  ASSERT_TRUE(happened("log TERM\n"));
  ASSERT_TRUE(happened("main TERM\n"));
  base_.write("go", "");
  perpd_->kill(SIGTERM);
  EXPECT_EQ(perpd_->end().code, 0);
  perpd_.reset();
}

TEST_F(Perpd, ALoggerIsWhateverHasTheOwnersExecuteBit) {
  add("web");
  base_.make_directory("web/rc.log");
  begin();
  ASSERT_TRUE(happened("start web\n"));
  ASSERT_TRUE(wait_until([&] { return base_.exists("pid"); }));
  const test::Ran listed = test::run_main(perpstat_main, {"perpstat", "-b", base_.path(), "web"});
  EXPECT_EQ(listed.out.find("(no log)"), std::string::npos) << listed.out;
  EXPECT_NE(listed.out.find("   log: "), std::string::npos) << listed.out;
}

}  // namespace
}  // namespace kindred::perp
