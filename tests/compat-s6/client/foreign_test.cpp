// This family's clients on supervisors of others. Source: interfaces/s6.md section 10; what those cannot be
// told is named.

#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>

#include "compat-s6/programs.h"
#include "core/sys/unique_fd.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred::s6 {
namespace {

using test::FakeService;
using test::Ran;
namespace fs = std::filesystem;

class ForeignTest : public ::testing::Test {
 protected:
  ForeignTest() {
    runit_.record({.pid = 77, .state = 1});
    daemontools_.record({.pid = 78});
  }
  static Ran run(int (*main)(int, char**), std::vector<std::string> words) {
    words.insert(words.begin(), "program");
    return test::run_main(main, words);
  }
  [[nodiscard]] std::string at(const char* name) const { return root_.path(name); }

  test::TestDirectory root_;
  FakeService runit_{root_.path("ru"), FakeService::Of::Runit};
  FakeService daemontools_{root_.path("dt"), FakeService::Of::Daemontools};
};

TEST_F(ForeignTest, AreSpokenToInTheirOwnLetters) {
  EXPECT_EQ(run(svc_main, {"-rdu", at("ru")}).code, 0);
  EXPECT_EQ(runit_.sent(), "tdu");
  EXPECT_EQ(run(svc_main, {"-orpck", at("dt")}).code, 0);
  EXPECT_EQ(daemontools_.sent(), "otpck");
}

TEST_F(ForeignTest, WhatTheyCannotBeToldIsNamedAndNothingIsSent) {
  const Ran ran = run(svc_main, {"-uO", at("ru")});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "s6-svc: fatal: unable to control " + at("ru") + ": runit cannot express -O\n");
  EXPECT_EQ(run(svc_main, {"-b", at("dt")}).code, 111);
  EXPECT_EQ(runit_.sent() + daemontools_.sent(), "");
}

TEST_F(ForeignTest, ExitIsSaidToWhoStopsTheServiceWithItOnlyIfItIsToStop) {
  EXPECT_EQ(run(svc_main, {"-x", at("ru")}).code, 111);
  EXPECT_EQ(run(svc_main, {"-dx", at("ru")}).code, 0);
  EXPECT_EQ(runit_.sent(), "dx");
  EXPECT_EQ(run(svc_main, {"-x", at("dt")}).code, 0);
  EXPECT_EQ(daemontools_.sent(), "x");
}

TEST_F(ForeignTest, TheDownFileIsSeenToByTheClient) {
  ASSERT_EQ(mkfifo(at("dt/down").c_str(), 0600), 0);
  EXPECT_EQ(run(svc_main, {"-D", at("dt")}).code, 0);
  EXPECT_EQ(run(svc_main, {"-D", at("ru")}).code, 0);
  EXPECT_TRUE(fs::exists(at("ru/down")));
  EXPECT_EQ(run(svc_main, {"-U", at("ru")}).code, 0);
  EXPECT_FALSE(fs::exists(at("ru/down")));
  EXPECT_EQ(runit_.sent(), "du");
  EXPECT_EQ(run(svc_main, {"-Q", at("ru")}).code, 111);
  EXPECT_FALSE(fs::exists(at("ru/down")));
}

TEST_F(ForeignTest, AreSeen) {
  EXPECT_EQ(run(svstat_main, {"-o", "up,pid,ready", at("ru")}).out, "true 77 false\n");
  EXPECT_EQ(run(svok_main, {at("dt")}).code, 0);
  daemontools_.leave();
  EXPECT_EQ(run(svok_main, {at("dt")}).code, 1);
  EXPECT_EQ(run(svstat_main, {at("dt")}).code, 1);
}

TEST_F(ForeignTest, AreWaitedForWithoutEvents) {
  EXPECT_EQ(run(svwait_main, {"-u", "-t", "30000", at("ru"), at("dt")}).code, 0);
  EXPECT_EQ(run(svwait_main, {"-d", "-t", "20", at("ru")}).code, 99);
  test::RunningMain waiting(svwait_main, {"program", "-D", "-t", "30000", at("ru")});
  runit_.record({.pid = 0, .want = 'd', .state = 0});
  EXPECT_EQ(waiting.end().code, 0);
  EXPECT_EQ(run(svwait_main, {"-o", "-d", "-t", "30000", at("ru"), at("dt")}).code, 0);
}

TEST_F(ForeignTest, CommandsAndWaitsGoTogether) {
  test::RunningMain running(svc_main, {"program", "-wD", "-T", "30000", "-d", at("ru")});
  EXPECT_TRUE(test::wait_until([this] { return runit_.has_unread(); }));
  runit_.record({.pid = 0, .want = 'd', .state = 0});
  EXPECT_EQ(running.end().code, 0);
  EXPECT_EQ(runit_.sent(), "d");
}

TEST_F(ForeignTest, WhatTheyHaveLeftBehindIsHistory) {
  FakeService encore{at("en"), FakeService::Of::Encore};
  encore.record({.pid = 79, .state = 3});
  for (FakeService* service : {&runit_, &daemontools_, &encore}) {
    const std::string path = service->path();
    EXPECT_EQ(run(svwait_main, {"-u", "-t", "30000", path}).code, 0) << path;
    service->leave();
    EXPECT_EQ(run(svwait_main, {"-u", "-t", "20", path}).code, 99) << path;
    EXPECT_EQ(run(svc_main, {"-wu", "-T", "20", "-u", path}).code, 99) << path;
    test::RunningMain waiting(svwait_main, {"program", "-u", "-t", "30000", path});
    service->appear();
    EXPECT_EQ(waiting.end().code, 0) << path;
  }
}

TEST_F(ForeignTest, WhoWaitsIsNotWokenByLookingItself) {
  runit_.leave();
  for (const char* service : {"ru", "dt"}) {
    const UniqueFd looks(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    const std::string record = at(service) + "/supervise/status";
    ASSERT_GE(::inotify_add_watch(looks.get(), record.c_str(), IN_OPEN | IN_CLOSE), 0);
    EXPECT_EQ(run(svwait_main, {"-o", "-D", "-t", "100", at(service)}).code, 99) << service;
    std::array<char, 4096> events;  // 256 of them
    const ssize_t size = ::read(looks.get(), events.data(), events.size());
    EXPECT_GT(size, 0) << service;
    EXPECT_LT(size, 1024) << service;
  }
}

TEST_F(ForeignTest, TheReloadSignalIsTheServicesOwn) {
  EXPECT_EQ(run(svc_main, {"-l", at("ru")}).code, 0);
  test::write_file(at("ru/reload-signal"), "SIGUSR2\n");
  EXPECT_EQ(run(svc_main, {"-l", at("ru")}).code, 0);
  EXPECT_EQ(runit_.sent(), "h2");
}

TEST_F(ForeignTest, ProcessGroupsAreNotReachedByOneProcessesLetters) {
  for (const char* letter : {"P", "C", "K"}) {
    const Ran ran = run(svc_main, {std::string("-") + letter, at("dt")});
    EXPECT_EQ(ran.code, 111);
    EXPECT_NE(ran.err.find(std::string("daemontools cannot express -") + letter), std::string::npos)
        << ran.err;
  }
  EXPECT_EQ(daemontools_.sent(), "");
}

TEST_F(ForeignTest, ReadinessThatTheyCannotTellIsNotWaitedFor) {
  const Ran ran = run(svwait_main, {"-U", at("ru")});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "s6-svwait: fatal: unable to wait for " + at("ru") + ": runit cannot tell readiness\n");
}

TEST_F(ForeignTest, KeepNoTallyAndHaveOtherPermissions) {
  EXPECT_EQ(run(svdt_main, {at("ru")}).code, 111);
  EXPECT_EQ(run(svdt_clear_main, {at("ru")}).code, 111);
  EXPECT_FALSE(fs::exists(at("ru/supervise/death_tally")));
  EXPECT_EQ(run(svperms_main, {at("ru")}).code, 111);
}

}  // namespace
}  // namespace kindred::s6
