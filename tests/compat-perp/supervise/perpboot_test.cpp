// perpboot with its two scripts, as processes. Source: interfaces/perp.md section 10.1.

#include <gtest/gtest.h>

#include <csignal>
#include <optional>

#include "compat-perp/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::perp {
namespace {

/// For rc.perp: waits for signals.
const std::string kWait = "exec 3<>../never; while :; do read x <&3; done\n";

class PerpBoot : public ::testing::Test {
 protected:
  PerpBoot() {
    base_.make_directory(".boot");
    for (const char* fifo : {"out", "never"}) EXPECT_EQ(mkfifo(base_.path(fifo).c_str(), 0600), 0);
    log_.reset(open(base_.path("out").c_str(), O_RDWR | O_CLOEXEC));
    base_.write_script(".boot/rc.log",
                       "while read l; do echo \"log: $l\"; done >>../out; echo eof >>../out\n");
  }

  void start(const std::vector<std::string>& options) {
    std::vector<std::string> words = {"perpboot"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(base_.path());
    perpboot_.emplace(perpboot_main, words);
  }

  /// Waits until the logger has written this.
  [[nodiscard]] bool logs(const std::string& text) {
    while (logged_.find(text) == std::string::npos) {
      std::array<char, 4096> buffer;
      if (!test::wait_for_event(log_.get(), POLLIN)) return false;
      const ssize_t size = read(log_.get(), buffer.data(), buffer.size());
      if (size > 0) logged_.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return true;
  }

  test::TestDirectory base_;
  UniqueFd log_;
  std::string logged_;
  std::optional<test::RunningMain> perpboot_;
};

TEST_F(PerpBoot, LogsBothStreamsAndPassesTermOn) {
  base_.write_script(".boot/rc.perp",
                     "trap 'echo got TERM; exit 0' TERM\necho base $PERP_BASE; echo error >&2\n" + kWait);
  start({});
  EXPECT_TRUE(logs("log: base " + base_.path() + "\n"));
  EXPECT_TRUE(logs("log: error\n"));
  perpboot_->kill(SIGTERM);
  EXPECT_EQ(perpboot_->end().code, 0);
  EXPECT_TRUE(logs("log: got TERM\neof\n")) << logged_;
}

TEST_F(PerpBoot, StartsAgainWhatEnds) {
  base_.write_script(".boot/rc.perp",
                     "echo start >> ../starts; test $(wc -l < ../starts) = 1 && exit 1\n"
                     "trap 'exit 0' TERM; echo second\n" +
                         kWait);
  start({});
  EXPECT_TRUE(logs("log: second\n"));
  perpboot_->kill(SIGTERM);
  EXPECT_EQ(perpboot_->end().code, 0);
}

TEST_F(PerpBoot, PassesOtherSignalsOn) {
  base_.write_script(".boot/rc.perp", "trap 'echo got HUP' HUP; trap 'exit 0' TERM\necho ready\n" + kWait);
  start({});
  EXPECT_TRUE(logs("log: ready\n"));
  perpboot_->kill(SIGHUP);
  EXPECT_TRUE(logs("log: got HUP\n"));
  perpboot_->kill(SIGINT);
  // As the original: INT goes to rc.perp, which dies of it here.
  EXPECT_EQ(perpboot_->end().code, 0);
}

TEST_F(PerpBoot, BecomesTheScriptOnRequest) {
  base_.write_script(".boot/rc.perp", "echo $$ > ../pid; echo here; exit 7\n");
  start({"-x"});
  EXPECT_EQ(perpboot_->end().code, 7);
  EXPECT_TRUE(logs("log: here\neof\n"));
  EXPECT_NE(base_.read("pid"), "");
}

TEST_F(PerpBoot, NeedsABase) { EXPECT_EQ(test::run_main(perpboot_main, {"perpboot", "/nowhere"}).code, 111); }

}  // namespace
}  // namespace kindred::perp
