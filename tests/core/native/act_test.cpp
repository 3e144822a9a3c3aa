#include <gtest/gtest.h>

#include "core/base/tai64n.h"
#include "core/native/subcommands.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::FakeService;
using test::Ran;
using test::RunningMain;
using test::write_file;

/// kindred VERB words…, while the test is the supervisor.
class KindredAct : public ::testing::Test {
 protected:
  KindredAct() {
    setenv("SVDIR", root_.path().c_str(), 1);
    web_.record({.pid = 0, .want = 'd', .state = 0});
  }
  ~KindredAct() override { unsetenv("SVDIR"); }

  static Ran act(const std::vector<std::string>& words) { return test::run_main(act_main, words); }
  /// Runs until the supervisor has read its command.
  std::string told(RunningMain&) {
    std::string bytes;
    EXPECT_TRUE(test::wait_until([&] { return !(bytes = web_.sent()).empty(); }));
    return bytes;
  }
  const test::Main main_ = act_main;
  test::TestDirectory root_;
  FakeService web_{root_.path("web"), FakeService::Of::Runit};
};

TEST_F(KindredAct, StartWaitsUntilItIsUp) {
  RunningMain start(main_, {"start", "web"});
  EXPECT_EQ(told(start), "u");
  web_.record({.age = 5, .pid = 7, .state = 1});
  const Ran ran = start.end();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "web: run, pid 7\n");
}

TEST_F(KindredAct, StopWaitsUntilItIsDown) {
  web_.record({.pid = 7, .state = 1});
  RunningMain stop(main_, {"stop", "w*"});
  EXPECT_EQ(told(stop), "d");
  web_.record({.pid = 7, .want = 'd', .term = true, .state = 1});
  web_.record({.pid = 0, .want = 'd', .state = 0});
  EXPECT_EQ(stop.end().out, "web: down\n");
}

TEST_F(KindredAct, RestartWaitsForAnotherProcess) {
  web_.record({.pid = 7, .state = 1});
  RunningMain restart(main_, {"restart", root_.path("web")});
  EXPECT_EQ(told(restart), "tcu");
  web_.record({.age = 5, .pid = 8, .state = 1});
  EXPECT_EQ(restart.end().out, "web: run, pid 8\n");
}

TEST_F(KindredAct, SignalsAreSentByName) {
  web_.record({.pid = 7, .state = 1});
  RunningMain signal(main_, {"signal", "usr1", "web"});
  EXPECT_EQ(told(signal), "1");
  EXPECT_EQ(signal.end().code, 0);
  RunningMain reload(main_, {"reload", "web"});
  EXPECT_EQ(told(reload), "h");
  EXPECT_EQ(reload.end().out, "web: run, pid 7\n");
}

TEST_F(KindredAct, AllMeansEveryService) {
  FakeService db(root_.path("db"), FakeService::Of::Daemontools);
  db.record({.pid = 7});
  EXPECT_EQ(act({"start", "--all", "-w0"}).code, 0);
  EXPECT_EQ(web_.sent(), "u");
  EXPECT_EQ(db.sent(), "u");
  EXPECT_EQ(act({"start", "--all", "web"}).code, 100) << "names or all, not both";
}

TEST_F(KindredAct, ItsLogIsCommandedToo) {
  FakeService log(root_.path("web/log"), FakeService::Of::Runit);
  log.record({.pid = 9, .state = 1});
  RunningMain stop(main_, {"stop", "web/log"});
  std::string bytes;
  EXPECT_TRUE(test::wait_until([&] { return !(bytes = log.sent()).empty(); }));
  EXPECT_EQ(bytes, "d");
  log.record({.pid = 0, .want = 'd', .state = 0});
  EXPECT_EQ(stop.end().out, "web/log: down\n");
  EXPECT_EQ(web_.sent(), "");
}

TEST_F(KindredAct, WhatDoesNotBecomeSoIsNamedWithTheLogsLastLines) {
  write_file(root_.path("web/log/run"), "#!/bin/sh\nexec svlogd ./main\n", 0755);
  write_file(root_.path("web/log/main/current"),
             tai64n_text(WallTime{1700000000, 0}, TaiOffset::Constant10) + " cannot bind\a\n");
  const Ran ran = act({"start", "--wait", "0.05", "web"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(ran.err.starts_with("kindred start: web: it took too long: it is in state down\n  | "))
      << ran.err;
  EXPECT_TRUE(ran.err.ends_with(" cannot bind\\x07\n")) << ran.err;
}

TEST_F(KindredAct, ARunThatCannotBeExecutedIsNamed) {
  write_file(root_.path("web/run"), "#!/bin/sh\n", 0644);
  EXPECT_EQ(act({"start", "--wait", "0.05", "web"}).err,
            "kindred start: web: it took too long: it is in state down; its run is not executable\n");
}

TEST_F(KindredAct, ADirectoryOfServicesIsNoService) {
  std::filesystem::create_directories(root_.path("scan/db"));
  EXPECT_EQ(act({"start", root_.path("scan")}).err,
            "kindred start: scan: it is no service directory; the services in it are DIR/NAME\n");
}

TEST_F(KindredAct, WhyItCannotBeIsSaidAtOnce) {
  EXPECT_EQ(act({"reload", "web"}).err, "kindred reload: web: there is no process\n");
  EXPECT_EQ(act({"stop", "none"}).err, "kindred stop: there is no service none\n");
  EXPECT_EQ(act({"stop", "wbe"}).err, "kindred stop: there is no service wbe; is it web?\n");
  EXPECT_EQ(act({"stop", "wed/log"}).err, "kindred stop: there is no service wed/log; is it web/log?\n");
  EXPECT_EQ(act({"stop", "web/log"}).err, "kindred stop: web/log: it has no log\n");
  web_.leave();
  EXPECT_EQ(act({"start", "web"}).err, "kindred start: web: its supervisor is gone\n");
  std::filesystem::create_directories(root_.path("new"));
  EXPECT_EQ(act({"start", "new"}).err, "kindred start: new: nobody supervises it\n");
  FakeService old(root_.path("old"), FakeService::Of::Daemontools);
  old.record({.pid = 7});
  const Ran ran = act({"signal", "USR1", "old"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred signal: old: daemontools has no way to say that\n");
}

TEST_F(KindredAct, WithoutWaitingItIsSaidAndDone) {
  EXPECT_EQ(act({"start", "-w0", "web"}).code, 0);
  EXPECT_EQ(web_.sent(), "u");
}

TEST_F(KindredAct, WordsThatMakeNoSenseAreRefused) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"start"},
                                                {"signal"},
                                                {"signal", "FOO", "web"},
                                                {"signal", "HUP"},
                                                {"stop", "--wait", "-1", "web"},
                                                {"stop", "-x"}}) {
    const Ran ran = act(words);
    EXPECT_EQ(ran.code, 100);
    EXPECT_NE(ran.err.find("\nusage: kindred " + words[0]), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace kindred
