#include <gtest/gtest.h>

#include <cstdlib>

#include "core/native/subcommands.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::FakeService;
using test::Ran;

Ran status(std::vector<std::string> words) {
  words.insert(words.begin(), "status");
  return test::run_main(status_main, words);
}

class StatusProgram : public ::testing::Test {
 protected:
  StatusProgram() { web_.record({.age = 50, .pid = 7}); }

  test::TestDirectory root_;
  std::string scan_ = root_.path();
  FakeService web_{root_.path("web"), FakeService::Of::Daemontools};
};

TEST_F(StatusProgram, ShowsATable) {
  const Ran ran = status({scan_});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_TRUE(ran.out.starts_with("SERVICE  STATE  SINCE  PID  FAMILY       LOG  READY\nweb      run    5"));
}

TEST_F(StatusProgram, ADownServiceIsNoTrouble) {
  web_.record({.pid = 0});
  EXPECT_EQ(status({scan_}).code, 0);
  web_.leave();
  EXPECT_EQ(status({scan_}).code, 0);
}

TEST_F(StatusProgram, TroubleIsNamedAndTheRestShown) {
  const Ran ran = status({"/nonexistent", scan_});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred status: unable to open /nonexistent: file does not exist\n");
  EXPECT_NE(ran.out.find("web      run"), std::string::npos);
  EXPECT_EQ(status({"/nonexistent"}).out, "");
  const Ran json = status({"--json", "/nonexistent"});
  EXPECT_EQ(json.code, 111);
  EXPECT_NE(json.out.find("\"message\": \"file does not exist\""), std::string::npos);
}

TEST_F(StatusProgram, LooksWhereSvdirSaysWithoutADirectory) {
  setenv("SVDIR", scan_.c_str(), 1);
  const Ran ran = status({});
  unsetenv("SVDIR");
  EXPECT_NE(ran.out.find("\nweb "), std::string::npos);
}

TEST_F(StatusProgram, AServiceThatIsNamedIsToldOfAtLength) {
  setenv("SVDIR", scan_.c_str(), 1);
  Ran ran = status({"web"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(
      ran.out.starts_with("web\n  Directory " + scan_ + "/web\n  Family    supervised as daemontools\n"))
      << ran.out;
  EXPECT_NE(ran.out.find("\n  Control   kindred start|stop|restart web; svc "), std::string::npos) << ran.out;
  EXPECT_TRUE(status({"w?b"}).out.starts_with("SERVICE ")) << "a pattern is a table";
  EXPECT_TRUE(status({"--wide", "web"}).out.starts_with("SERVICE "));
  EXPECT_TRUE(status({"--long", scan_}).out.starts_with("web\n"));
  ran = status({"none"});
  unsetenv("SVDIR");
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred status: there is no service none\n");
}

TEST_F(StatusProgram, ShowsThoseThatAreAskedFor) {
  FakeService db(root_.path("db"), FakeService::Of::Daemontools);
  db.record({.pid = 0, .want = 'd'});
  EXPECT_EQ(status({"--state", "up", scan_}).out.find("\ndb"), std::string::npos);
  EXPECT_NE(status({"--state", "up", "--state", "down", scan_}).out.find("\ndb"), std::string::npos);
  EXPECT_EQ(status({"--match", "d", scan_}).out.find("\nweb"), std::string::npos);
  EXPECT_EQ(status({"--state", "asleep", scan_}).code, 100);
}

TEST_F(StatusProgram, ShowsTheProcessesBelowEachService) {
  web_.record({.age = 50, .pid = static_cast<std::uint32_t>(getpid())});
  const std::string tree = status({"--tree", scan_}).out;
  EXPECT_NE(tree.find("\n  " + std::to_string(getpid()) + " "), std::string::npos) << tree;
  const std::string wide = status({"--wide", scan_}).out;
  EXPECT_NE(wide.find("  MEMORY  CPU  DEATHS  LAST EXIT\n"), std::string::npos) << wide;
}

TEST_F(StatusProgram, IsAMonitoringPlugIn) {
  Ran ran = status({"--check", scan_});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "KINDRED OK - 1 of 1 services up | services=1;;;0 up=1;;;0;1 problems=0;;;0\n");
  web_.leave();
  ran = status({"--check", scan_});
  EXPECT_EQ(ran.code, 2);
  EXPECT_TRUE(ran.out.starts_with("KINDRED CRITICAL - 0 of 1 services up: web stale | ")) << ran.out;
  EXPECT_EQ(status({"--check", "/nonexistent"}).code, 3);
}

TEST_F(StatusProgram, ShowsItAgainWhenSomethingChanges) {
  const test::Main main = status_main;
  test::RunningMain watching(main, {"status", "--watch", scan_});
  ASSERT_TRUE(watching.prints("run "));
  web_.record({.pid = 0, .want = 'd'});
  ASSERT_TRUE(watching.prints("down"));
  FakeService db(root_.path("db"), FakeService::Of::Daemontools);
  db.record({.pid = 8});
  EXPECT_TRUE(watching.prints("\ndb "));
}

TEST_F(StatusProgram, ColorIsForTerminalsUnlessAskedFor) {
  EXPECT_EQ(status({scan_}).out.find('\033'), std::string::npos);
  EXPECT_NE(status({"--color=always", scan_}).out.find('\033'), std::string::npos);
  EXPECT_EQ(status({"--color", "never", scan_}).out.find('\033'), std::string::npos);
}

TEST_F(StatusProgram, RefusesWhatItDoesNotKnow) {
  for (const char* word : {"--color=blue", "--jso", "-x", "--json=1"}) {
    const Ran ran = status({word, scan_});
    EXPECT_EQ(ran.code, 100) << word;
    EXPECT_EQ(ran.out, "") << word;
    EXPECT_TRUE(ran.err.starts_with("kindred status: ")) << ran.err;
    EXPECT_NE(ran.err.find("\nusage: kindred status "), std::string::npos) << ran.err;
  }
}

TEST_F(StatusProgram, HelpIsForStandardOutput) {
  const Ran ran = status({"--help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_TRUE(ran.out.starts_with("usage: kindred status "));
  EXPECT_NE(ran.out.find("--color"), std::string::npos);
}

}  // namespace
}  // namespace kindred
