// dumblog. Source: interfaces/freedt.md section 6.4.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <regex>

#include "compat-freedt/log/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::freedt {
namespace {

using test::Ran;
using test::run_main;
using test::RunningMain;
using test::wait_until;

class DumblogTest : public ::testing::Test {
 protected:
  [[nodiscard]] bool logged(const std::string& text, const std::string& file = "log") const {
    return wait_until([&] { return root_.read(file) == text; });
  }
  void rename(const std::string& from, const std::string& to) const {
    ASSERT_EQ(::rename(root_.path(from).c_str(), root_.path(to).c_str()), 0);
  }
  /// As a log service has it: its input is a pipe that others hold open.
  [[nodiscard]] std::vector<std::string> to(const std::string& file) const {
    return {"dumblog", root_.path(file)};
  }

  test::TestDirectory root_;
};

constexpr RunningMain::Input kPipe = RunningMain::Input::Pipe;

TEST_F(DumblogTest, WritesWhatItReads) {
  root_.write("log", "before\n");
  RunningMain dumblog(dumblog_main, to("log"), kPipe);
  dumblog.write(std::string("one\n\0two", 8));
  EXPECT_TRUE(logged("before\none\n"));
  dumblog.write("\n\nno end");
  EXPECT_TRUE(logged(std::string("before\none\n\0two\n\n", 17)));
  dumblog.end_input();
  EXPECT_EQ(dumblog.end().code, 0);
  EXPECT_EQ(root_.read("log"), std::string("before\none\n\0two\n\nno end", 23));
}

TEST_F(DumblogTest, StampsLinesAndCompletesTheLast) {
  setenv("TZ", "XYZ-5", 1);
  RunningMain dumblog(dumblog_main, {"dumblog", "-c", "--", root_.path("log")}, kPipe);
  dumblog.write("one\n\nno end");
  dumblog.end_input();
  EXPECT_EQ(dumblog.end().code, 0);
  unsetenv("TZ");
  const std::string stamp = "\\w{3} \\w{3} [ 123]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}: ";
  EXPECT_TRUE(
      std::regex_match(root_.read("log"), std::regex(stamp + "one\n" + stamp + "\n" + stamp + "no end\n")))
      << root_.read("log");
}

TEST_F(DumblogTest, HupBeginsANewFileInTheMiddleOfALine) {
  RunningMain dumblog(dumblog_main, {"dumblog", "-c", root_.path("log")}, kPipe);
  dumblog.write("beg");
  ASSERT_TRUE(dumblog.reads_all());
  rename("log", "old");
  dumblog.kill(SIGHUP);
  EXPECT_TRUE(wait_until([&] { return root_.exists("log"); }));
  EXPECT_TRUE(root_.read("old").ends_with(": beg"));
  dumblog.write("un\n");
  EXPECT_TRUE(logged("un\n"));
}

TEST_F(DumblogTest, TermWritesWhatWasRead) {
  RunningMain plain(dumblog_main, to("plain"), kPipe);
  RunningMain stamped(dumblog_main, {"dumblog", "-c", root_.path("stamped")}, kPipe);
  for (RunningMain* dumblog : {&plain, &stamped}) {
    dumblog->write("no end");
    ASSERT_TRUE(dumblog->reads_all());
    dumblog->kill(SIGTERM);
    EXPECT_EQ(dumblog->end().code, 0);
  }
  EXPECT_EQ(root_.read("plain"), "no end");
  EXPECT_TRUE(root_.read("stamped").ends_with(": no end\n"));
}

TEST_F(DumblogTest, ALineWithoutAnEndIsWrittenInPieces) {
  RunningMain dumblog(dumblog_main, {"dumblog", "-c", root_.path("log")}, kPipe);
  const std::string much(30000, 'x');
  dumblog.write(much);
  ASSERT_TRUE(wait_until([&] { return root_.read("log").ends_with(": " + much); }));
  dumblog.write("y\nz\n");
  EXPECT_TRUE(wait_until([&] { return root_.read("log").ends_with(": z\n"); }));
  EXPECT_NE(root_.read("log").find(": " + much + "y\n"), std::string::npos);
}

TEST_F(DumblogTest, AFullDiskStopsTheReadingAndOnlyASecondTermGivesUp) {
  ASSERT_EQ(symlink("/dev/full", root_.path("log").c_str()), 0);
  RunningMain dumblog(dumblog_main, to("log"), kPipe);
  dumblog.write("one\n");
  const std::string warning =
      "dumblog: warning: unable to write to " + root_.path("log") + ", pausing: out of disk space\n";
  ASSERT_TRUE(dumblog.complains(warning));
  dumblog.write("two\n");
  ASSERT_TRUE(test::deliver(dumblog.pid(), SIGTERM));
  dumblog.kill(SIGTERM);
  const Ran ran = dumblog.end();
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, warning + "dumblog: fatal: unable to write 4 bytes to " + root_.path("log") +
                         ": out of disk space\n");
  EXPECT_EQ(dumblog.unread(), "two\n");
}

TEST_F(DumblogTest, WhatAFullDiskHadNoRoomForGoesToTheNextFile) {
  ASSERT_EQ(symlink("/dev/full", root_.path("log").c_str()), 0);
  RunningMain dumblog(dumblog_main, to("log"), kPipe);
  dumblog.write("one\n");
  ASSERT_TRUE(dumblog.complains("out of disk space\n"));
  dumblog.write("two\n");
  rename("log", "old");
  dumblog.kill(SIGHUP);
  EXPECT_TRUE(logged("one\ntwo\n"));
}

TEST_F(DumblogTest, GoesOnWhereTheDiskWasFull) {
  RunningMain dumblog(dumblog_main, to("log"), kPipe);
  ASSERT_TRUE(wait_until([&] { return root_.exists("log"); }));
  rlimit limit{};
  ASSERT_EQ(prlimit(dumblog.pid(), RLIMIT_FSIZE, nullptr, &limit), 0);
  rlimit small{6, limit.rlim_max};
  ASSERT_EQ(prlimit(dumblog.pid(), RLIMIT_FSIZE, &small, nullptr), 0);
  dumblog.write("one\ntwo\nthree\n");
  ASSERT_TRUE(dumblog.complains("file too big\n"));
  EXPECT_EQ(root_.read("log"), "one\ntw");
  dumblog.end_input();
  ASSERT_EQ(prlimit(dumblog.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  EXPECT_EQ(dumblog.end().code, 0);
  EXPECT_EQ(root_.read("log"), "one\ntwo\nthree\n");
}

TEST_F(DumblogTest, OneTermLosesNothingOfWhatAFullDiskHadNoRoomFor) {
  RunningMain dumblog(dumblog_main, to("log"), kPipe);
  ASSERT_TRUE(wait_until([&] { return root_.exists("log"); }));
  rlimit limit{};
  ASSERT_EQ(prlimit(dumblog.pid(), RLIMIT_FSIZE, nullptr, &limit), 0);
  const rlimit small{6, limit.rlim_max};
  ASSERT_EQ(prlimit(dumblog.pid(), RLIMIT_FSIZE, &small, nullptr), 0);
  dumblog.write("one\ntwo\nthree\n");
  ASSERT_TRUE(dumblog.complains("file too big\n"));
  dumblog.write("four\n");
  ASSERT_TRUE(test::deliver(dumblog.pid(), SIGTERM));
  EXPECT_EQ(root_.read("log"), "one\ntw");
  ASSERT_EQ(prlimit(dumblog.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  EXPECT_EQ(dumblog.end().code, 0);
  EXPECT_EQ(root_.read("log"), "one\ntwo\nthree\n");
  EXPECT_EQ(dumblog.unread(), "four\n");
}

TEST_F(DumblogTest, AFileThatCannotBeOpenedAnewIsToldOnceAndLosesNothing) {
  root_.make_directory("main");
  RunningMain dumblog(dumblog_main, to("main/log"), kPipe);
  ASSERT_TRUE(wait_until([&] { return root_.exists("main/log"); }));
  dumblog.write("beg");
  ASSERT_TRUE(dumblog.reads_all());
  rename("main", "old");
  dumblog.kill(SIGHUP);
  const std::string warning =
      "dumblog: warning: unable to open " + root_.path("main/log") + ", pausing: file does not exist\n";
  ASSERT_TRUE(dumblog.complains(warning));
  EXPECT_EQ(root_.read("old/log"), "beg");
  dumblog.write("un\n");
  dumblog.kill(SIGHUP);
  root_.make_directory("main");
  EXPECT_TRUE(logged("un\n", "main/log"));
  dumblog.end_input();
  const Ran ran = dumblog.end();
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, warning);
}

TEST_F(DumblogTest, NeedsOneFileThatCanBeOpened) {
  EXPECT_EQ(run_main(dumblog_main, {"dumblog"}).code, 100);
  EXPECT_EQ(run_main(dumblog_main, {"dumblog", "a", "b"}).code, 100);
  EXPECT_EQ(run_main(dumblog_main, {"dumblog", "-x", "a"}).code, 100);
  const Ran ran = run_main(dumblog_main, to("none/log"));
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "dumblog: fatal: unable to open " + root_.path("none/log") + ": file does not exist\n");
}

}  // namespace
}  // namespace kindred::freedt
