// sv as a whole, where interfaces/runit.md section 9 says more than the conformance cases, and where
// kindred's sv is to be better than the original (section 15, weaknesses).

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <functional>
#include <regex>
#include <thread>

#include "compat-runit/programs.h"
#include "core/sys/clock.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred::runit {
namespace {

using test::FakeRecord;
using test::FakeService;
using test::Ran;
namespace fs = std::filesystem;

/// Stands still for all processes that were forked since it was made, until it is put forward.
class SharedClock final : public Clock {
 public:
  SharedClock()
      : ahead_(static_cast<std::atomic<std::int64_t>*>(
            mmap(nullptr, sizeof *ahead_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  SharedClock(const SharedClock&) = delete;
  SharedClock& operator=(const SharedClock&) = delete;
  ~SharedClock() override { munmap(ahead_, sizeof *ahead_); }

  [[nodiscard]] Now now() const noexcept override {
    Now now = began_;
    now.steady = now.steady + Duration(ahead_->load());
    return now;
  }
  void advance(Duration by) { *ahead_ += by.count(); }

 private:
  Now began_ = SystemClock().now();
  std::atomic<std::int64_t>* ahead_;
};

class SvTest : public ::testing::Test {
 protected:
  SvTest() {
    setenv("SVDIR", root_.path().c_str(), 1);
    unsetenv("SVWAIT");
  }
  ~SvTest() override { unsetenv("SVDIR"); }

  [[nodiscard]] fs::path at(const char* name) const { return root_.path(name); }
  static Ran sv(std::vector<std::string> words) {
    words.insert(words.begin(), "sv");
    return test::run_main(sv_main, words);
  }
  static Ran as(const std::string& name, std::vector<std::string> words) {
    words.insert(words.begin(), name);
    return test::run_main(sv_main, words);
  }
  /// sv with a supervisor that answers in another thread: `answer` is called while commands lie unread.
  static Ran sv_while(FakeService& service, const std::function<void()>& answer,
                      std::vector<std::string> words, const Clock* clock = nullptr) {
    words.insert(words.begin(), "sv");
    const test::Main main = [clock](int argc, char** argv) {
      return clock != nullptr ? sv_by_clock(argc, argv, *clock) : sv_main(argc, argv);
    };
    // Before there is a thread, which might hold the allocator's lock while we fork.
    test::RunningMain running(main, words);
    const UniqueFd over(eventfd(0, EFD_CLOEXEC));
    std::thread supervisor([&] {
      for (;;) {
        std::array<pollfd, 2> ready{{{over.get(), POLLIN, 0}, {service.unread_fd(), POLLIN, 0}}};
        poll(ready.data(), ready.size(), -1);
        if (ready[0].revents != 0) return;
        answer();
      }
    });
    Ran ran = running.end();
    EXPECT_EQ(eventfd_write(over.get(), 1), 0);
    supervisor.join();
    return ran;
  }

  test::TestDirectory root_;
};

// --- status ---

TEST_F(SvTest, StatusShowsTheLogBehindItsService) {
  FakeService web(at("web"), FakeService::Of::Runit), log(at("web/log"), FakeService::Of::Runit);
  web.record({.age = -5, .pid = 77, .state = 1});
  log.record({.age = -5, .pid = 78, .want = 'd', .state = 1});
  const Ran ran = sv({"status", "web"});
  EXPECT_EQ(ran.out, "run: web: (pid 77) 0s; run: log: (pid 78) 0s, want down\n");
  EXPECT_EQ(ran.code, 0);
}

TEST_F(SvTest, TroubleWithTheLogShowsNoFiguresOfItsService) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.age = -5, .pid = 77, .state = 1});
  fs::create_directory(at("web/log"));
  Ran ran = sv({"status", "web"});
  EXPECT_EQ(ran.out,
            "run: web: (pid 77) 0s; warning: web/log: unable to open supervise/ok: file does not exist\n");
  EXPECT_EQ(ran.code, 1);
  fs::create_directory(at("web/log/supervise"));
  mkfifo(at("web/log/supervise/ok").c_str(), 0600);
  ran = sv({"status", "web"});
  EXPECT_EQ(ran.out, "run: web: (pid 77) 0s; fail: web/log: runsv not running\n");
  EXPECT_EQ(ran.code, 1);
}

TEST_F(SvTest, AsAnInitScriptTheLogsStateIsTheCode) {  // as the original
  FakeService web(at("web"), FakeService::Of::Runit), log(at("web/log"), FakeService::Of::Runit);
  web.record({.pid = 77, .state = 1});
  log.record({.want = 'd'});
  EXPECT_EQ(as("/etc/init.d/web", {"status", "and", "more"}).code, 3);
  log.leave();
  EXPECT_EQ(as("web", {"status"}).code, 0);
  web.leave();
  EXPECT_EQ(as("web", {"status"}).code, 1);
}

// --- usage ---

TEST_F(SvTest, UsageEndsWithAnEmptyLine) {
  EXPECT_EQ(sv({}).err, "usage: sv [-v] [-w sec] command service ...\n\n");
  EXPECT_EQ(as("web", {}).err, "usage: web [-w sec] command\n\n");
  const Ran version = sv({"-V", "status", "web"});
  EXPECT_EQ(version.code, 100);
  EXPECT_TRUE(std::regex_match(version.err, std::regex("sv of kindred [0-9.]+\nusage: sv .*\n\n")))
      << version.err;
}

// --- where a service is ---

TEST_F(SvTest, ATrailingSlashMeansTheSameWhenItWaits) {
  FakeService in_services(at("svc/web"), FakeService::Of::Runit), here(at("web"), FakeService::Of::Runit);
  in_services.record({.want = 'd'});
  here.record({.age = -5, .pid = 77, .state = 1});
  const std::string services = at("svc");
  const Ran ran = test::run_main(
      [&](int argc, char** argv) {
        setenv("SVDIR", services.c_str(), 1);
        return chdir(root_.path().c_str()) == 0 ? sv_main(argc, argv) : 1;
      },
      {"sv", "-v", "hup", "web/"});
  // The original sends to ./web and then looks at SVDIR's.
  EXPECT_EQ(ran.out, "ok: run: web/: (pid 77) 0s\n");
  EXPECT_EQ(here.sent(), "h");
  EXPECT_EQ(in_services.sent(), "");
}

// --- what is sent ---

TEST_F(SvTest, WhatIsSoAlreadyIsNotAskedFor) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.pid = 77, .state = 1});
  EXPECT_EQ(sv({"up", "web"}).code, 0);
  EXPECT_EQ(web.sent(), "");
  web.record({.pid = 77, .want = 'd', .term = true, .state = 1});
  EXPECT_EQ(sv({"down", "web"}).code, 0);
  EXPECT_EQ(web.sent(), "");
  web.record({.pid = 77, .want = 'd', .state = 1});
  EXPECT_EQ(sv({"down", "web"}).code, 0);
  EXPECT_EQ(web.sent(), "d");
}

TEST_F(SvTest, UpAfterADownThatNobodyHasReadYetIsSent) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.pid = 77, .state = 1});
  EXPECT_EQ(sv({"down", "web"}).code, 0);
  EXPECT_EQ(sv({"up", "web"}).code, 0);
  EXPECT_EQ(web.sent(), "du");
}

TEST_F(SvTest, WithNothingToSendNobodyMissesTheControlFifo) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.pid = 77, .state = 1});
  fs::remove(web.supervise() / "control");
  const Ran up = sv({"up", "web"});
  EXPECT_EQ(up.code, 0);
  EXPECT_EQ(up.out, "");
  EXPECT_EQ(sv({"down", "web"}).out, "warning: web: unable to open supervise/control: file does not exist\n");
}

TEST_F(SvTest, UpWithinTheThrottleIsSent) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.want = 'u'});  // down, and to be started again
  EXPECT_EQ(sv({"up", "web"}).code, 0);
  EXPECT_EQ(web.sent(), "u");
}

TEST_F(SvTest, ASupervisorThatDoesNotReadIsNoReasonToHang) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.pid = 77, .state = 1});
  const UniqueFd control(open((web.supervise() / "control").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  const std::string block(4096, 'h');
  while (write(control.get(), block.data(), block.size()) > 0) {
  }
  const Ran ran = sv({"term", "web"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "warning: web: unable to write to supervise/control: temporary failure\n");
}

// --- waiting ---

TEST_F(SvTest, ARestartIsSeenBeforeTheTimeIsUp) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.pid = 77, .state = 1});
  const Ran ran = sv_while(web,
                           [&] {
                             EXPECT_EQ(web.sent(), "tcu");
                             web.record({.want = 'u'});
                             web.record({.age = 0, .pid = 78, .state = 1});
                           },
                           {"-w", "30", "restart", "web"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_TRUE(ran.out.starts_with("ok: run: web: (pid 78)")) << ran.out;
}

TEST_F(SvTest, AStartEarlierInTheSameSecondIsNoRestart) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.age = 0, .pid = 77, .state = 1});
  const Ran ran = sv_while(web, [&] { (void)web.sent(); }, {"-w", "0", "restart", "web"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_TRUE(ran.out.starts_with("timeout: run: web: (pid 77)")) << ran.out;
}

TEST_F(SvTest, ARecordFromBeforeTheCommandWasReadProvesNothing) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.want = 'u'});  // down for the throttle
  const Ran ran = sv_while(web,
                           [&] {
                             test::RecordReaders readers(web);
                             web.record({.pid = 77, .state = 1});  // it is started before the command is read
                             EXPECT_TRUE(readers.wait());
                             EXPECT_EQ(web.sent(), "d");
                             web.record({.age = -5, .want = 'd'});
                           },
                           {"stop", "web"});
  EXPECT_EQ(ran.out, "ok: down: web: 0s, normally up\n");
}

TEST_F(SvTest, AProcessThatEndsAtOnceWasNoStart) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.want = 'd'});
  SharedClock clock;
  const auto show = [&](const FakeRecord& record) {
    test::RecordReaders readers(web);
    web.record(record);
    EXPECT_TRUE(readers.wait());
  };
  const Ran ran = sv_while(
      web,
      [&] {
        EXPECT_EQ(web.sent(), "u");
        // No time passes between the look that learns of this and the next ones.
        show({.want = 'd'});
        show({.age = -5, .pid = 78, .state = 1});
        show({.age = -5, .want = 'u'});
        clock.advance(std::chrono::seconds(2));
      },
      {"-w", "1", "start", "web"}, &clock);
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "timeout: down: web: 0s, normally up, want up\n");
}

TEST_F(SvTest, BetweenRunAndFinishNothingIsDown) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.pid = 77, .want = 'd', .state = 1});
  const Ran ran = sv_while(web,
                           [&] {
                             EXPECT_EQ(web.sent(), "t");
                             test::RecordReaders readers(web);
                             web.record({.want = 'd', .state = 2});
                             EXPECT_TRUE(readers.wait());
                             web.record({.pid = 79, .want = 'd', .state = 2});
                             web.record({.age = -5, .want = 'd'});
                           },
                           {"-v", "term", "web"});
  EXPECT_EQ(ran.out, "ok: down: web: 0s, normally up\n");
}

TEST_F(SvTest, WhatIsSoAlreadyIsToldBeforeWhatComesAbout) {
  FakeService web(at("web"), FakeService::Of::Runit), off(at("off"), FakeService::Of::Runit);
  web.record({.pid = 77, .state = 1});
  off.record({.age = -5, .want = 'd', .term = true});
  const Ran ran = sv_while(web,
                           [&] {
                             EXPECT_EQ(web.sent(), "d");
                             web.record({.age = -5, .want = 'd'});
                           },
                           {"stop", "web", "off"});
  EXPECT_EQ(ran.out, "ok: down: off: 0s, normally up\nok: down: web: 0s, normally up\n");
}

TEST_F(SvTest, WhatIsDoneIsToldBeforeWhatTookTooLong) {
  FakeService web(at("web"), FakeService::Of::Runit), off(at("off"), FakeService::Of::Runit);
  web.record({.age = -5, .pid = 77, .state = 1});
  off.record({.age = -5, .want = 'd'});
  const Ran ran = sv({"-w", "0", "stop", "web", "off"});
  EXPECT_EQ(ran.out, "ok: down: off: 0s, normally up\ntimeout: run: web: (pid 77) 0s\n");
  EXPECT_EQ(ran.code, 1);
}

TEST_F(SvTest, AMissingServiceIsToldBeforeAnyIsChecked) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.age = -5, .pid = 77, .state = 1});
  const Ran ran = sv({"check", "web", "none"});
  EXPECT_EQ(ran.out,
            "fail: none: unable to change to service directory: file does not exist\n"
            "ok: run: web: (pid 77) 0s\n");
  EXPECT_EQ(ran.code, 1);
}

TEST_F(SvTest, ExitIsOverWhenTheSupervisorIsGone) {
  FakeService web(at("web"), FakeService::Of::Runit), other(at("other"), FakeService::Of::Runit);
  web.record({.pid = 77, .state = 1});
  other.record({.pid = 78, .state = 1});
  other.leave();
  const Ran ran = sv_while(web, [&] { web.leave(); }, {"shutdown", "other", "web"});
  EXPECT_EQ(ran.out, "ok: other: runsv not running\nok: web: runsv not running\n");
  EXPECT_EQ(ran.code, 0);
}

TEST_F(SvTest, ACheckThatCannotRunIsToldOnceAndNotOk) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.age = -5, .pid = 77, .state = 1});
  test::write_file(at("web/check"), "", 0644);
  const Ran ran = sv({"-w", "1", "check", "web"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "timeout: run: web: (pid 77) 0s\n");
  EXPECT_EQ(ran.err, "warning: unable to run web/check: access denied\n");
}

TEST_F(SvTest, ATimeoutWithForceKills) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.age = -5, .pid = 77, .state = 1});
  const Ran ran = sv({"-w", "0", "force-stop", "web"});
  EXPECT_EQ(ran.out, "kill: run: web: (pid 77) 0s\n");
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(web.sent(), "dk");
}

// --- a directory that daemontools supervises ---

TEST_F(SvTest, DaemontoolsRecordIsShownInRunitsWords) {
  FakeService dt(at("dt"), FakeService::Of::Daemontools);
  dt.record({.age = -5, .pid = 77, .want = 0});
  EXPECT_EQ(sv({"status", "dt"}).out, "run: dt: (pid 77) 0s, want down\n");
  dt.record({.age = -5, .want = 'd'});
  EXPECT_EQ(sv({"status", "dt"}).out, "down: dt: 0s, normally up\n");
}

TEST_F(SvTest, RunitsExitIsADownAndAnExitThere) {
  FakeService dt(at("dt"), FakeService::Of::Daemontools);
  dt.record({.pid = 77});
  EXPECT_EQ(sv({"exit", "dt"}).code, 0);
  EXPECT_EQ(dt.sent(), "dx");
  EXPECT_EQ(sv({"-w", "0", "force-shutdown", "dt"}).code, 1);
  EXPECT_EQ(dt.sent(), "dxk");
}

TEST_F(SvTest, WhatDaemontoolsCannotExpressIsNamedAndNotSent) {
  FakeService dt(at("dt"), FakeService::Of::Daemontools);
  dt.record({.pid = 77});
  for (const char* word : {"quit", "1", "2"}) {
    const Ran ran = sv({word, "dt"});
    EXPECT_EQ(ran.out, "fail: dt: daemontools cannot express " + std::string(word) + "\n");
    EXPECT_EQ(ran.code, 1);
  }
  EXPECT_EQ(dt.sent(), "");
}

TEST_F(SvTest, EighteenBytesWithoutALockAreABadRecord) {
  FakeService dt(at("dt"), FakeService::Of::Daemontools);
  dt.record({.pid = 77});
  fs::remove(dt.supervise() / "lock");
  EXPECT_EQ(sv({"up", "dt"}).out, "warning: dt: unable to read supervise/status: bad format\n");
}

}  // namespace
}  // namespace kindred::runit
