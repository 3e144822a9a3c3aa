// The clients on a supervisor of their own family, which the test is, and on what one has left behind.
// Source: interfaces/s6.md section 10.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "compat-s6/programs.h"
#include "compat-s6/status.h"
#include "core/sys/clock.h"
#include "core/sys/event_directory.h"
#include "core/sys/files.h"
#include "core/sys/held_file.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::s6 {
namespace {

using test::Ran;
using test::RunningMain;

class SupervisedTest : public ::testing::Test {
 protected:
  SupervisedTest() {
    ::signal(SIGPIPE, SIG_IGN);
    for (const char* name : {"web", "web/supervise", "web/event"}) dir_.make_directory(name);
    EXPECT_EQ(::mkfifo(dir_.path("web/supervise/control").c_str(), 0600), 0);
    dir_.write("web/supervise/death_tally", "");
    dir_.write("web/notification-fd", "3\n");
    come();
    record(0);
  }
  void come() {
    lock_ = std::move(*hold_lock(dir_.fd(), "web/supervise/lock", 0600, LockKind::OfdRecord));
    control_.reset(::open(dir_.path("web/supervise/control").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  }
  void leave() {
    lock_ = {};
    control_.reset();
  }
  void record(std::int32_t pid, bool ready = true, Want want = Want::Up) {
    GroupSnapshot snapshot;
    StatusRecord& r = snapshot.main;
    r.pid = pid;
    r.phase = pid != 0 ? Phase::Running : ready ? Phase::Stopped : Phase::Finishing;
    r.ready = pid != 0 && ready;
    r.want = want;
    r.pid_changed = r.run_started = r.run_ended = r.down_since = r.ready_changed = SystemClock().now().wall;
    std::array<std::uint8_t, kMaxStatusFile> bytes{};
    const std::size_t size = encode_status(snapshot, Role::Main, bytes);
    ASSERT_EQ(replace_file(dir_.fd(), "web/supervise/status.new", "web/supervise/status",
                           ByteView(bytes).first(size), 0644),
              0);
  }
  void tell(const char* events) { (void)event_directory::notify(dir_.fd(), "web/event", events); }
  std::string sent() {
    std::array<char, 64> buffer;
    const ssize_t size = ::read(control_.get(), buffer.data(), buffer.size());
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
  }
  [[nodiscard]] bool someone_listens() const {
    return test::wait_until([this] {
      for (const auto& entry : std::filesystem::directory_iterator(dir_.path("web/event")))
        if (event_directory::is_listener(entry.path().filename().string())) return true;
      return false;
    });
  }
  [[nodiscard]] std::string web() const { return dir_.path("web"); }
  [[nodiscard]] Ran run(int (*main)(int, char**), std::vector<std::string> words) const {
    words.insert(words.begin(), "program");
    words.push_back(web());
    return test::run_main(main, words);
  }

  test::TestDirectory dir_;
  HeldLock lock_;
  UniqueFd control_;
};

TEST_F(SupervisedTest, ARecordWithoutASupervisorIsHistory) {
  for (const auto& [pid, letters] : {std::pair{77, "uU"}, {0, "dD"}}) {
    record(pid);
    for (const char* letter = letters; *letter != '\0'; ++letter) {
      const std::string what{'-', *letter}, commanded{'-', 'w', *letter};
      EXPECT_EQ(run(svwait_main, {what, "-t", "10000"}).code, 0) << what;
      leave();
      EXPECT_EQ(run(svwait_main, {what, "-t", "20"}).code, 99) << what;
      EXPECT_EQ(run(svwait_main, {what, "-o", "-t", "20", web()}).code, 99) << what;
      EXPECT_EQ(test::run_main(svlisten1_main, {"s6-svlisten1", what, "-t", "20", web(), "true"}).code, 99);
      EXPECT_EQ(
          test::run_main(svlisten_main, {"s6-svlisten", what, "-t", "20", " " + web(), "", "true"}).code, 99);
      EXPECT_EQ(run(svc_main, {commanded, "-T", "20"}).code, 99) << what;
      EXPECT_EQ(run(svc_main, {commanded, "-T", "20", "-u"}).code, 99) << what;
      come();
    }
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path("web/event")));
}

TEST_F(SupervisedTest, WhoWaitsForOneThatHasGoneGoesOnWithTheNext) {
  record(77);
  leave();
  for (const auto& [what, pid] : {std::pair{"-U", 78}, {"-u", 77}, {"-D", 0}, {"-r", 79}}) {
    RunningMain waiting(svwait_main, {"s6-svwait", what, "-t", "30000", web()});
    ASSERT_TRUE(someone_listens());
    come();
    record(pid);
    tell("s");
    EXPECT_EQ(waiting.end().code, 0) << what;
    leave();
    record(77);
  }
}

TEST_F(SupervisedTest, ANewSupervisorIsNoticedWithoutEventsToo) {
  record(77);
  leave();
  RunningMain waiting(svwait_main, {"s6-svwait", "-u", "-t", "30000", web()});
  ASSERT_TRUE(someone_listens());
  come();
  EXPECT_EQ(waiting.end().code, 0);
}

TEST_F(SupervisedTest, OneThatLeavesWhileItIsWaitedForFailsTheWait) {
  RunningMain waiting(svwait_main, {"s6-svwait", "-u", "-t", "30000", web()});
  ASSERT_TRUE(someone_listens());
  tell("x");
  EXPECT_EQ(waiting.end().code, 1);
}

TEST_F(SupervisedTest, LaterReleasesLettersAndSignalsByName) {
  EXPECT_EQ(run(svc_main, {"-PCKl"}).code, 0);
  EXPECT_EQ(sent(), "PCKl");
  EXPECT_EQ(run(svc_main, {"-s", "usr1", "-s", "SIGSTOP", "-s18", "-s", "15"}).code, 0);
  EXPECT_EQ(sent(), "1pct");
  for (const char* signal : {"SIGSEGV", "x", ""})
    EXPECT_EQ(run(svc_main, {"-s", signal}).code, 100) << signal;
  EXPECT_EQ(sent(), "");
}

TEST_F(SupervisedTest, NobodyListensOrNobodyMayOrSomethingElseIsThere) {
  const std::string control = dir_.path("web/supervise/control");
  leave();
  EXPECT_EQ(run(svc_main, {"-u"}).code, 100);
  ASSERT_EQ(::unlink(control.c_str()), 0);
  EXPECT_EQ(run(svc_main, {"-u"}).code, 100);
  dir_.write("web/supervise/control", "");
  EXPECT_EQ(run(svc_main, {"-u"}).code, 100);
  EXPECT_EQ(dir_.read("web/supervise/control"), "");
  ASSERT_EQ(::unlink(control.c_str()), 0);
  dir_.make_directory("web/supervise/control");
  EXPECT_EQ(run(svc_main, {"-u"}).code, 100);
  EXPECT_EQ(test::run_main(svc_main, {"s6-svc", "-u", dir_.path("missing")}).code, 111);
}

TEST_F(SupervisedTest, WhoMayNotIsToldSo) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0755), 0);
  for (const char* name : {".s6-svscan"}) dir_.make_directory(name);
  ASSERT_EQ(::mkfifo(dir_.path(".s6-svscan/control").c_str(), 0600), 0);
  const auto as_nobody = [](int (*main)(int, char**)) {
    return [main](int argc, char** argv) {
      constexpr uid_t kNobody = 65534;
      return ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0 ? main(argc, argv) : 98;
    };
  };
  const Ran svc = test::run_main(as_nobody(svc_main), {"s6-svc", "-u", web()});
  EXPECT_EQ(svc.code, 111);
  EXPECT_EQ(svc.err, "s6-svc: fatal: unable to control " + web() + ": Permission denied\n");
  const Ran svscanctl = test::run_main(as_nobody(svscanctl_main), {"s6-svscanctl", "-a", dir_.path()});
  EXPECT_EQ(svscanctl.code, 111);
  EXPECT_EQ(svscanctl.err, "s6-svscanctl: fatal: unable to control " + dir_.path() + ": Permission denied\n");
}

/// A scanner, which the test is too, that knows the service by one name.
class UnlinkTest : public SupervisedTest {
 protected:
  UnlinkTest() {
    for (const char* name : {"scan", "scan/.s6-svscan", "scan/kept"}) dir_.make_directory(name);
    EXPECT_EQ(::mkfifo(dir_.path("scan/.s6-svscan/control").c_str(), 0600), 0);
    scanner_ = std::move(*hold_lock(dir_.fd(), "scan/.s6-svscan/lock", 0600, LockKind::OfdRecord));
    told_.reset(::open(dir_.path("scan/.s6-svscan/control").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    link("web");
  }
  void link(const char* name) const {
    ASSERT_EQ(::symlink("../web", dir_.path(std::string("scan/") + name).c_str()), 0);
  }
  [[nodiscard]] Ran unlink(std::vector<std::string> words) const {
    words.insert(words.begin(), "s6-svunlink");
    return test::run_main(svunlink_main, words);
  }
  [[nodiscard]] std::string scan() const { return dir_.path("scan"); }
  std::string told() {
    std::array<char, 64> buffer;
    const ssize_t size = ::read(told_.get(), buffer.data(), buffer.size());
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
  }

  HeldLock scanner_;
  UniqueFd told_;
};

TEST_F(UnlinkTest, WaitsForTheEndOfTheSupervisorOrForTheTimeLimit) {
  EXPECT_EQ(unlink({"-t", "20", scan(), "web"}).code, 0);
  EXPECT_FALSE(dir_.exists("scan/web"));
  EXPECT_EQ(told(), "an");
  link("web");
  RunningMain waiting(svunlink_main, {"s6-svunlink", scan(), "web"});
  ASSERT_TRUE(someone_listens());
  EXPECT_TRUE(test::wait_until([this] { return told() == "an"; }));
  tell("x");
  EXPECT_EQ(waiting.end().code, 0);
}

TEST_F(UnlinkTest, AFileIsNoScanDirectoryAndOneThatIsNotThereHasNothing) {
  EXPECT_EQ(unlink({dir_.path("missing"), "web"}).code, 0);
  const Ran file = unlink({"/dev/null", "web"});
  EXPECT_EQ(file.code, 111);
  EXPECT_EQ(file.err,
            "s6-svunlink: fatal: unable to prepare unlinking of service web in scandir /dev/null: Not a "
            "directory\n");
}

TEST_F(UnlinkTest, DoesNotWaitForAServiceThatHasAnotherLink) {
  link("again");
  EXPECT_EQ(unlink({scan(), "again"}).code, 0);
  EXPECT_FALSE(dir_.exists("scan/again"));
  EXPECT_EQ(told(), "an");
}

TEST_F(UnlinkTest, WhatIsNotThereNeedNotBeTakenAway) {
  for (const char* name : {"nothing", "a/b", "kept"}) EXPECT_EQ(unlink({scan(), name}).code, 0) << name;
  EXPECT_TRUE(dir_.exists("scan/kept"));
  EXPECT_EQ(unlink({dir_.path("missing"), "web"}).code, 0);
  for (const char* name : {"", ".s6-svscan"}) EXPECT_EQ(unlink({scan(), name}).code, 100) << name;
  EXPECT_EQ(told(), "");
  scanner_ = {};
  told_.reset();
  EXPECT_EQ(unlink({scan(), "web"}).code, 0);
  EXPECT_FALSE(dir_.exists("scan/web"));
}

TEST_F(SupervisedTest, ARecordThatCannotBeReadIsSaidInTheLibrarysWords) {
  dir_.write("web/supervise/status", "short");
  const Ran ran = run(svstat_main, {});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "s6-svstat: fatal: unable to read status for " + web() + ": Broken pipe\n");
  ASSERT_EQ(::unlink(dir_.path("web/supervise/status").c_str()), 0);
  EXPECT_EQ(run(svstat_main, {}).err,
            "s6-svstat: fatal: unable to read status for " + web() + ": No such file or directory\n");
}

}  // namespace
}  // namespace kindred::s6
