// perp's clients on directories that another family supervises: what they say is translated, and what cannot
// be said is named.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat-perp/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred::perp {
namespace {

using test::FakeService;
using test::Ran;
namespace fs = std::filesystem;

class ForeignTest : public ::testing::Test {
 protected:
  ForeignTest() {
    unsetenv("PERP_BASE");
    web_.record({.age = 50, .pid = 77, .state = 1});
  }

  Ran run(int (*main)(int, char**), std::vector<std::string> words) const {
    words.insert(words.begin() + 1, {"-b", root_.path()});
    return test::run_main(main, words);
  }

  test::TestDirectory root_;
  FakeService web_{root_.path("web"), FakeService::Of::Runit};
};

TEST_F(ForeignTest, CommandsAreTranslated) {
  for (const char* letter : {"u", "d", "o", "p", "c", "t", "k", "h"}) {
    const Ran ran = run(perpctl_main, {"perpctl", letter, "web"});
    EXPECT_EQ(ran.code, 0) << letter;
    EXPECT_EQ(ran.err, "web: ok\n");
    EXPECT_EQ(web_.sent(), letter);
  }
}

TEST_F(ForeignTest, ALogHasItsOwnSupervisor) {
  EXPECT_EQ(run(perpctl_main, {"perpctl", "-L", "t", "web"}).code, 0);
  EXPECT_EQ(web_.sent(), "");
  FakeService log(root_.path("web/log"), FakeService::Of::Runit);
  log.record({});
  EXPECT_EQ(run(perpctl_main, {"perpctl", "-L", "t", "web"}).code, 0);
  EXPECT_EQ(log.sent(), "t");
  EXPECT_EQ(run(perpctl_main, {"perpctl", "D", "web"}).code, 0);
  EXPECT_EQ(web_.sent(), "d");
  EXPECT_EQ(log.sent(), "d");
}

TEST_F(ForeignTest, ALogMayHaveASupervisorOfItsOwnWhereMainsCouldHaveHadIt) {
  FakeService cron(root_.path("cron"), FakeService::Of::Encore);
  FakeService log(root_.path("cron/log"), FakeService::Of::Encore);
  cron.record({.pid = 77, .state = 3});
  log.record({.pid = 78, .state = 3});
  EXPECT_EQ(run(perpctl_main, {"perpctl", "-L", "t", "cron"}).code, 0);
  EXPECT_EQ(cron.sent(), "");
  EXPECT_EQ(log.sent(), "l=t");
  EXPECT_EQ(run(perpctl_main, {"perpctl", "D", "cron"}).code, 0);
  EXPECT_EQ(cron.sent(), "l=d");
  EXPECT_EQ(log.sent(), "l=d");
}

TEST_F(ForeignTest, ALogOfWhichMainsRecordTellsIsMains) {
  FakeService cron(root_.path("cron"), FakeService::Of::Encore);
  cron.record({.pid = 77, .state = 3});
  const fs::path status = cron.supervise() / "status";
  std::string both(40, '\0');
  std::ifstream(status, std::ios::binary).read(both.data(), 20);
  both.replace(20, 20, both, 0, 20);
  test::write_file(status, both);
  EXPECT_EQ(run(perpctl_main, {"perpctl", "-L", "t", "cron"}).code, 0);
  EXPECT_EQ(cron.sent(), "L=tl");
}

TEST_F(ForeignTest, WhatTheOtherFamilyCannotExpressIsNamed) {
  Ran ran = run(perpctl_main, {"perpctl", "w", "web"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "error: web: runit cannot express w\n");
  ran = run(perpctl_main, {"perpctl", "-g", "k", "web"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(web_.sent(), "");
}

TEST_F(ForeignTest, ActivationIsPerpdsAloneAndTheBitIsLeftAsItIs) {
  ASSERT_EQ(chmod(root_.path("web").c_str(), 01755), 0);
  const Ran ran = run(perpctl_main, {"perpctl", "X", "web"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "error: web: runit cannot express X\n");
  struct stat st;
  ASSERT_EQ(stat(root_.path("web").c_str(), &st), 0);
  EXPECT_TRUE((st.st_mode & S_ISVTX) != 0);
}

TEST_F(ForeignTest, WhatIsWantedOnceIsFlaggedSo) {
  FakeService service(root_.path("db"), FakeService::Of::Daemontools);
  service.record({.age = 50, .pid = 77, .want = '\0'});
  EXPECT_EQ(run(perpstat_main, {"perpstat", "db"}).out,
            "db: activated by daemontools\n  main: up 50 seconds (pid 77), flagged once\n   log: (no log)\n");
}

TEST_F(ForeignTest, ItsRecordIsReported) {
  EXPECT_EQ(run(perpstat_main, {"perpstat", "web"}).out,
            "web: activated by runit\n  main: up 50 seconds (pid 77)\n   log: (no log)\n");
  FakeService log(root_.path("web/log"), FakeService::Of::Runit);
  log.record({.age = 20, .want = 'd'});
  EXPECT_EQ(run(perpstat_main, {"perpstat", "web"}).out,
            "web: activated by runit\n  main: up 50 seconds (pid 77)\n   log: down 20 seconds\n");
}

TEST_F(ForeignTest, ItIsListed) {
  EXPECT_EQ(run(perpls_main, {"perpls"}).out, "[+ +++ ---]  web  uptime: 50s/-s  pids: 77/-\n");
}

TEST_F(ForeignTest, ItIsOkWhileItsSupervisorLives) {
  EXPECT_EQ(run(perpok_main, {"perpok", "web"}).code, 0);
  EXPECT_EQ(run(perpok_main, {"perpok", "-u", "40", "web"}).code, 0);
  EXPECT_EQ(run(perpok_main, {"perpok", "-u", "60", "web"}).code, 1);
  web_.leave();
  EXPECT_EQ(run(perpok_main, {"perpok", "web"}).code, 1);
}

TEST_F(ForeignTest, OneThatNobodySupervisesIsNotActivated) {
  root_.make_directory("idle");
  const Ran ran = run(perpctl_main, {"perpctl", "u", "idle", "web"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "error: idle: service directory not activated\nweb: ok\n");
}

TEST_F(ForeignTest, WithoutAnybodyToTalkToThereIsNothingToDo) {
  web_.leave();
  const Ran ran = run(perpctl_main, {"perpctl", "u", "web"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_NE(ran.err.find("failure connecting to perpd control socket"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace kindred::perp
