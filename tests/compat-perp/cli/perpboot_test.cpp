// perpboot with its two scripts, as processes. Source: interfaces/perp.md section 10.1.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "compat-perp/programs.h"
#include "tests/core/temporary_directory.h"

namespace kindred::perp {
namespace {

class PerpBoot : public ::testing::Test {
 protected:
  PerpBoot() {
    base_.make_directory(".boot");
    base_.write_script(".boot/rc.log",
                       "while read l; do echo \"log: $l\" >> ../out; done; echo eof >> ../out\n");
  }
  ~PerpBoot() override {
    if (pid_ > 0) kill(pid_, SIGKILL);
  }

  void start(const std::vector<std::string>& options) {
    pid_ = fork();
    if (pid_ != 0) return;
    std::vector<std::string> words = {"perpboot"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(base_.path());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    _exit(perpboot_main(static_cast<int>(words.size()), argv.data()));
  }

  [[nodiscard]] bool wait_for(const std::string& text) const {
    for (int i = 0; i < 1000; ++i) {
      if (base_.read("out").find(text) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  int ends() {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  test::TestDirectory base_;
  pid_t pid_ = 0;
};

TEST_F(PerpBoot, LogsBothStreamsAndPassesTermOn) {
  base_.write_script(".boot/rc.perp",
                     "trap 'echo got TERM; exit 0' TERM\necho base $PERP_BASE; echo error >&2\n"
                     "while :; do sleep 0.05; done\n");
  start({});
  EXPECT_TRUE(wait_for("log: base " + base_.path() + "\n"));
  EXPECT_TRUE(wait_for("log: error\n"));
  kill(pid_, SIGTERM);
  EXPECT_EQ(ends(), 0);
  EXPECT_NE(base_.read("out").find("log: got TERM\neof\n"), std::string::npos) << base_.read("out");
}

TEST_F(PerpBoot, StartsAgainWhatEnds) {
  base_.write_script(".boot/rc.perp",
                     "echo start >> ../starts; test $(wc -l < ../starts) = 1 && exit 1\n"
                     "trap 'exit 0' TERM; echo second; while :; do sleep 0.05; done\n");
  start({});
  EXPECT_TRUE(wait_for("log: second\n"));
  kill(pid_, SIGTERM);
  EXPECT_EQ(ends(), 0);
}

TEST_F(PerpBoot, PassesOtherSignalsOn) {
  base_.write_script(
      ".boot/rc.perp",
      "trap 'echo got HUP' HUP; trap 'exit 0' TERM\necho ready\nwhile :; do sleep 0.05; done\n");
  start({});
  EXPECT_TRUE(wait_for("log: ready\n"));
  kill(pid_, SIGHUP);
  EXPECT_TRUE(wait_for("log: got HUP\n"));
  kill(pid_, SIGINT);
  // As the original: INT goes to rc.perp, which dies of it here.
  EXPECT_EQ(ends(), 0);
}

TEST_F(PerpBoot, BecomesTheScriptOnRequest) {
  base_.write_script(".boot/rc.perp", "echo $$ > ../pid; echo here; exit 7\n");
  start({"-x"});
  EXPECT_EQ(ends(), 7);
  EXPECT_TRUE(wait_for("log: here\neof\n"));
  EXPECT_NE(base_.read("pid"), "");
}

TEST_F(PerpBoot, NeedsABase) {
  const pid_t pid = fork();
  if (pid == 0) {
    char name[] = "perpboot", base[] = "/nowhere";
    char* argv[] = {name, base, nullptr};
    _exit(perpboot_main(2, argv));
  }
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 111);
}

}  // namespace
}  // namespace kindred::perp
