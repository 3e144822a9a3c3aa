// tinylog. Source: interfaces/perp.md section 11; what it must not do: weaknesses.md.

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>

#include "compat-perp/log/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::perp {
namespace {

using test::Ran;
using test::run_main;
using test::RunningMain;
using test::wait_until;

constexpr RunningMain::Input kPipe = RunningMain::Input::Pipe;

class TinylogTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> with(std::vector<std::string> options) const {
    options.insert(options.begin(), "tinylog");
    options.push_back(root_.path("d"));
    return options;
  }
  /// The old files, in order.
  [[nodiscard]] std::vector<std::string> archives() const {
    std::vector<std::string> names;
    DIR* directory = opendir(root_.path("d").c_str());
    if (directory == nullptr) return names;
    while (const dirent* entry = readdir(directory))
      if (entry->d_name[0] == '_') names.emplace_back(entry->d_name);
    closedir(directory);
    std::sort(names.begin(), names.end());
    return names;
  }
  [[nodiscard]] std::string log(const std::string& name = "current") const { return root_.read("d/" + name); }
  [[nodiscard]] bool logged(const std::string& text) const {
    return wait_until([&] { return log() == text; });
  }
  [[nodiscard]] mode_t mode(const std::string& name) const {
    struct stat facts {};
    return ::stat(root_.path("d/" + name).c_str(), &facts) == 0 ? facts.st_mode & 07777 : 0;
  }
  /// Runs over the input, to its end.
  Ran run(const std::string& input, const std::vector<std::string>& options = {}) {
    RunningMain tinylog(tinylog_main, with(options), kPipe);
    tinylog.write(input);
    tinylog.end_input();
    return tinylog.end();
  }

  test::TestDirectory root_;
};

std::string lines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i)
    text += std::string(100 - std::to_string(i).size() - 1, '.') + std::to_string(i) + "\n";
  return text;
}

TEST_F(TinylogTest, Utf8StaysWhatItIs) {
  EXPECT_EQ(run("h\u00e9 \x1b[1m\ty\x7f\n").code, 0);
  EXPECT_EQ(log(), "h\u00e9 ?[1m\ty\x7f\n");
  EXPECT_EQ(mode("current"), 0744U);
}

// The original aborts here, with a double free, and leaves no current.
TEST_F(TinylogTest, ManyOldFilesGoAtOnce) {
  ASSERT_EQ(run(lines(0, 180), {"-s", "2000", "-k", "20"}).code, 0);
  ASSERT_EQ(archives().size(), 9U);
  EXPECT_EQ(run(lines(180, 220), {"-s", "2000", "-k", "2"}).code, 0);
  ASSERT_EQ(archives().size(), 2U);
  EXPECT_EQ(log(archives()[0]) + log(archives()[1]) + log(), lines(220 - 49, 220));
}

// The original cuts the line in two.
TEST_F(TinylogTest, TermWithinALineWaitsForItsEnd) {
  RunningMain tinylog(tinylog_main, with({}), kPipe);
  tinylog.write("one\nbeg");
  ASSERT_TRUE(logged("one\n"));
  ASSERT_TRUE(tinylog.reads_all());
  tinylog.kill(SIGTERM);
  tinylog.write("un\nnext\n");
  EXPECT_EQ(tinylog.end().code, 0);
  EXPECT_EQ(log(), "one\nbegun\n");
  EXPECT_EQ(tinylog.unread(), "next\n");
}

TEST_F(TinylogTest, TermCompletesALineOfWhichNoMoreComes) {
  RunningMain tinylog(tinylog_main, with({}), kPipe);
  tinylog.write("no end");
  ASSERT_TRUE(tinylog.reads_all());
  tinylog.kill(SIGTERM);
  EXPECT_EQ(tinylog.end().code, 0);
  EXPECT_EQ(log(), "no end\n");
}

TEST_F(TinylogTest, HupBeginsANewFileWithTheNextLine) {
  RunningMain tinylog(tinylog_main, with({}), kPipe);
  tinylog.write("one\n");
  ASSERT_TRUE(logged("one\n"));
  tinylog.kill(SIGHUP);
  tinylog.write("two\n");
  ASSERT_TRUE(logged("two\n"));
  ASSERT_EQ(archives().size(), 1U);
  EXPECT_EQ(log(archives()[0]), "one\n");
  EXPECT_TRUE(archives()[0].ends_with(".s"));
  EXPECT_EQ(mode(archives()[0]), 0644U);
}

TEST_F(TinylogTest, CompressesOldFiles) {
  setenv("TINYLOG_ZIP", "/bin/cat", 1);
  EXPECT_EQ(run(lines(0, 50), {"-z", "-s", "2000"}).code, 0);
  unsetenv("TINYLOG_ZIP");
  ASSERT_EQ(archives().size(), 2U);
  for (const std::string& name : archives()) {
    EXPECT_TRUE(name.ends_with(".s.Z"));
    EXPECT_EQ(mode(name), 0644U);
  }
  EXPECT_EQ(log(archives()[0]) + log(archives()[1]) + log(), lines(0, 50));
  EXPECT_FALSE(root_.exists("d/zipped"));
}

TEST_F(TinylogTest, WhatCannotBeCompressedStays) {
  setenv("TINYLOG_ZIP", "/bin/false", 1);
  const Ran ran = run(lines(0, 25), {"-z", "-s", "2000"});
  unsetenv("TINYLOG_ZIP");
  EXPECT_EQ(ran.code, 0);
  ASSERT_EQ(archives().size(), 1U);
  EXPECT_EQ(log(archives()[0]) + log(), lines(0, 25));
  EXPECT_NE(ran.err.find("compressor ended with exit code 1"), std::string::npos) << ran.err;
  EXPECT_FALSE(root_.exists("d/zipped"));
}

// The original reads nothing while it compresses.
TEST_F(TinylogTest, ACompressorThatHangsStopsNothing) {
  root_.write("hang", "#!/bin/sh\nwhile ! test -e " + root_.path("go") + "; do sleep 0.01; done\nexec cat\n");
  ASSERT_EQ(chmod(root_.path("hang").c_str(), 0755), 0);
  setenv("TINYLOG_ZIP", root_.path("hang").c_str(), 1);
  RunningMain tinylog(tinylog_main, with({"-z", "-s", "2000"}), kPipe);
  unsetenv("TINYLOG_ZIP");
  tinylog.write(lines(0, 60));
  EXPECT_TRUE(logged(lines(57, 60)));
  ASSERT_EQ(archives().size(), 3U);
  EXPECT_TRUE(archives()[0].ends_with(".s"));
  root_.write("go", "");
  tinylog.end_input();
  EXPECT_EQ(tinylog.end().code, 0);
  std::string all;
  for (const std::string& name : archives()) {
    EXPECT_TRUE(name.ends_with(".s.Z")) << name;
    all += log(name);
  }
  EXPECT_EQ(all + log(), lines(0, 60));
}

TEST_F(TinylogTest, GoesOnWhereTheDiskWasFull) {
  RunningMain tinylog(tinylog_main, with({}), kPipe);
  ASSERT_TRUE(wait_until([&] { return root_.exists("d/current"); }));
  rlimit limit{};
  ASSERT_EQ(prlimit(tinylog.pid(), RLIMIT_FSIZE, nullptr, &limit), 0);
  const rlimit small{6, limit.rlim_max};
  ASSERT_EQ(prlimit(tinylog.pid(), RLIMIT_FSIZE, &small, nullptr), 0);
  tinylog.write("one\ntwo\n");
  ASSERT_TRUE(tinylog.complains("(EFBIG)\n"));
  ASSERT_EQ(prlimit(tinylog.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  EXPECT_TRUE(logged("one\ntwo\n"));
  tinylog.kill(SIGTERM);
  EXPECT_EQ(tinylog.end().code, 0);
}

TEST_F(TinylogTest, SaysWhatItStartsForAndWhatItCannotDo) {
  const Ran good = run("");
  EXPECT_TRUE(std::string_view(good.err).starts_with("tinylog["));
  EXPECT_TRUE(good.err.ends_with("]: starting for logging in " + root_.path("d") + " ...\n"));
  RunningMain first(tinylog_main, with({}), kPipe);
  ASSERT_TRUE(wait_until([&] { return root_.exists("d/current") && mode("current") == 0644; }));
  const Ran locked = run("");
  EXPECT_EQ(locked.code, 111);
  EXPECT_TRUE(locked.err.ends_with("(EAGAIN)\n")) << locked.err;
  const Ran missing = run_main(tinylog_main, {"tinylog", root_.path("none/d")});
  EXPECT_EQ(missing.code, 111);
  EXPECT_TRUE(missing.err.ends_with("(ENOENT)\n")) << missing.err;
  const Ran misused = run_main(tinylog_main, {"tinylog", "-k", "many", "d"});
  EXPECT_EQ(misused.code, 100);
  EXPECT_NE(misused.err.find("]: usage error: non-numeric argument for -k: many\nusage: tinylog ["),
            std::string::npos)
      << misused.err;
}

}  // namespace
}  // namespace kindred::perp
