// cyclog. Source: interfaces/nosh.md sections 15 and 20; what it must not do: weaknesses.md.

#include <dirent.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>

#include "compat-nosh/log/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

using test::Ran;
using test::run_main;
using test::RunningMain;
using test::wait_until;

constexpr RunningMain::Input kPipe = RunningMain::Input::Pipe;
constexpr std::size_t kStamp = 26;

/// Without the stamps.
std::string bare(const std::string& log) {
  std::string text;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size() - 1) + 1;
    EXPECT_EQ(log[at], '@');
    text += log.substr(at + kStamp, end - at - kStamp);
    at = end;
  }
  return text;
}

class CyclogTest : public ::testing::Test {
 protected:
  CyclogTest() { root_.make_directory("d"); }
  [[nodiscard]] std::vector<std::string> with(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), "cyclog");
    options.push_back(root_.path("d"));
    return options;
  }
  [[nodiscard]] std::vector<std::string> archives() const {
    std::vector<std::string> names;
    DIR* directory = opendir(root_.path("d").c_str());
    while (const dirent* entry = readdir(directory))
      if (entry->d_name[0] == '@') names.emplace_back(entry->d_name);
    closedir(directory);
    std::sort(names.begin(), names.end());
    return names;
  }
  [[nodiscard]] bool logged(const std::string& text) const {
    return wait_until([&] { return bare(root_.read("d/current")) == text; });
  }
  Ran run(const std::string& input, const std::vector<std::string>& options = {}) {
    RunningMain cyclog(cyclog_main, with(options), kPipe);
    cyclog.write(input);
    cyclog.end_input();
    return cyclog.end();
  }

  test::TestDirectory root_;
};

// The original drops what it has not written, and leaves current unfinished.
TEST_F(CyclogTest, TheEndOfInputLosesNothing) {
  EXPECT_EQ(run("one\n\nno end").code, 0);
  EXPECT_EQ(bare(root_.read("d/current")), "one\n\nno end");
  EXPECT_EQ(root_.look("d/current").st_mode & 07777, 0744U);
}

TEST_F(CyclogTest, ALineThatTermDividedIsWholeAgain) {
  root_.make_directory("other");
  RunningMain first(cyclog_main, with(), kPipe);
  first.write("one\nbeg");
  ASSERT_TRUE(logged("one\nbeg"));
  first.kill(SIGTERM);
  const Ran ran = first.end();
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "cyclog: INFO: Terminated.\n");
  EXPECT_EQ(root_.look("d/current").st_mode & 07777, 0744U);
  EXPECT_EQ(run("un\ntwo\n", {root_.path("other")}).code, 0);
  EXPECT_EQ(bare(root_.read("d/current")), "one\nbegun\ntwo\n");
  EXPECT_EQ(bare(root_.read("other/current")), "un\ntwo\n");
}

TEST_F(CyclogTest, ALineThatARotationDividedBeforeTermIsStampedOnce) {
  RunningMain first(cyclog_main, with(), kPipe);
  first.write("one\nbeg");
  ASSERT_TRUE(logged("one\nbeg"));
  first.kill(SIGALRM);
  ASSERT_TRUE(first.complains("cyclog: INFO: Forced log rotation.\n"));
  first.kill(SIGTERM);
  EXPECT_EQ(first.end().code, 0);
  ASSERT_EQ(archives().size(), 1U);
  EXPECT_EQ(run("un\ntwo\n").code, 0);
  EXPECT_TRUE(root_.read("d/current").starts_with("un\n@")) << root_.read("d/current");
}

TEST_F(CyclogTest, OldFilesGoForTheTotalAndTheNewOneStays) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += std::string(73, static_cast<char>('a' + i % 26)) + "\n";
  const Ran ran = run(text, {"--max-file-size", "4096", "--max-total-size", "9000"});
  EXPECT_EQ(ran.code, 0);
  ASSERT_EQ(archives().size(), 2U);
  std::string all;
  for (const std::string& name : archives()) {
    EXPECT_EQ(root_.look("d/" + name).st_size, 3600);
    all += root_.read("d/" + name);
  }
  EXPECT_EQ(bare(all + root_.read("d/current")), text.substr(3 * 36 * 74));
  const std::string last = root_.path("d/" + archives()[1]);
  EXPECT_NE(ran.err.find("Flushing   " + last.substr(0, last.size() - 1) + "u.\n"), std::string::npos);
  EXPECT_NE(ran.err.find("Closed     " + last + ".\n"), std::string::npos);
  EXPECT_NE(ran.err.find(".s to reclaim 3600 bytes\n"), std::string::npos) << ran.err;
}

TEST_F(CyclogTest, AnUnfinishedCurrentIsPutAside) {
  root_.write("d/current", "@old\n");
  const Ran ran = run("new\n");
  ASSERT_EQ(archives().size(), 1U);
  EXPECT_TRUE(archives()[0].ends_with(".u"));
  EXPECT_EQ(root_.read("d/" + archives()[0]), "@old\n");
  EXPECT_EQ(ran.err, "Recovering " + root_.path("d/" + archives()[0]) + ".\n");
  EXPECT_EQ(bare(root_.read("d/current")), "new\n");
}

TEST_F(CyclogTest, ALineGoesOnInTheNextFileWithoutAStamp) {
  EXPECT_EQ(run(std::string(5000, 'x') + "\nnext\n", {"--max-file-size", "4096"}).code, 0);
  ASSERT_EQ(archives().size(), 1U);
  EXPECT_EQ(root_.look("d/" + archives()[0]).st_size, 4096);
  const std::string rest(5000 - (4096 - kStamp), 'x');
  EXPECT_TRUE(root_.read("d/current").starts_with(rest + "\n@"));
}

// The original can be ended by KILL only.
TEST_F(CyclogTest, TermEndsItWhileTheDiskIsFull) {
  constexpr int kNotPermitted = 99;
  const auto on_small_disk = [&](int argc, char** argv) {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", root_.path("d").c_str(), "tmpfs", 0, "size=64k") != 0)
      return kNotPermitted;
    return cyclog_main(argc, argv);
  };
  RunningMain cyclog(on_small_disk, with(), kPipe);
  std::string text;
  for (int i = 0; i < 500; ++i) text += std::string(100, 'x') + std::to_string(i) + "\n";
  cyclog.write(text);
  if (!cyclog.complains("No space left on device, sleeping for 1 second.\n")) GTEST_SKIP() << "no mount";
  const std::string current = "/proc/" + std::to_string(cyclog.pid()) + "/root" + root_.path("d/current");
  const auto read_current = [&] {
    std::ifstream file(current);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string written = read_current();
  EXPECT_FALSE(written.empty());
  EXPECT_EQ(bare(written) + cyclog.unread(), text) << "nothing is read for which there is no room";
  cyclog.kill(SIGTERM);
  const Ran ran = cyclog.end();
  EXPECT_EQ(ran.code, 0);
  EXPECT_TRUE(ran.err.ends_with("cyclog: INFO: Terminated.\n")) << ran.err;
}

TEST_F(CyclogTest, StopsAndGoesOn) {
  RunningMain cyclog(cyclog_main, with(), kPipe);
  cyclog.write("one\n");
  ASSERT_TRUE(logged("one\n"));
  cyclog.kill(SIGTSTP);
  ASSERT_TRUE(cyclog.complains("cyclog: INFO: Paused.\n"));
  siginfo_t stopped{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(cyclog.pid()), &stopped, WSTOPPED), 0);
  cyclog.kill(SIGCONT);
  ASSERT_TRUE(cyclog.complains("cyclog: INFO: Continued.\n"));
  cyclog.kill(SIGALRM);
  ASSERT_TRUE(cyclog.complains("cyclog: INFO: Forced log rotation.\n"));
  cyclog.write("two\n");
  EXPECT_TRUE(logged("two\n"));
  EXPECT_EQ(archives().size(), 1U);
}

TEST_F(CyclogTest, NeedsDirectoriesAndNumbers) {
  const Ran missing = run_main(cyclog_main, {"cyclog", root_.path("none")});
  EXPECT_EQ(missing.code, 1);
  EXPECT_EQ(missing.err, "cyclog: FATAL: " + root_.path("none") + ": No such file or directory\n");
  EXPECT_FALSE(root_.exists("none"));
  EXPECT_EQ(run_main(cyclog_main, {"cyclog"}).code, 1);
  const Ran number = run_main(cyclog_main, with({"--margin", "wide"}));
  EXPECT_EQ(number.code, 1);
  EXPECT_EQ(number.err, "cyclog: FATAL: wide: not a number\n");
  RunningMain first(cyclog_main, with(), kPipe);
  ASSERT_TRUE(wait_until([&] { return root_.exists("d/current"); }));
  const Ran locked = run("");
  EXPECT_EQ(locked.code, 1);
  EXPECT_EQ(locked.err, "cyclog: FATAL: " + root_.path("d/lock") + ": Resource temporarily unavailable\n");
}

}  // namespace
}  // namespace kindred::nosh
