// A scan directory as a tree that doors can open on, with real processes.

#include "core/engine/scan_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <csignal>
#include <functional>
#include <vector>

#include "compat-daemontools/dialect.h"
#include "compat-perp/dialect.h"
#include "compat-runit/dialect.h"
#include "core/engine/host.h"
#include "core/sys/files.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"
#include "tests/core/turning_loop.h"

namespace kindred {
namespace {

class Ledger final : public ScanListener {
 public:
  void on_supervised(std::string_view name) noexcept override { lines.push_back("+" + std::string(name)); }
  void on_forgotten(std::string_view name) noexcept override { lines.push_back("-" + std::string(name)); }
  std::vector<std::string> lines;
};

class ScanTree : public testing::Test {
 protected:
  ScanTree() : supervisor_(loop_, spawner_) {
    EXPECT_TRUE(signals_.open({SIGCHLD}, {}));
    EXPECT_TRUE(spawner_.open(signals_.inherited_mask()));
    EXPECT_TRUE(loop_.open());
    EXPECT_TRUE(supervisor_.open(signals_, 1024));
  }
  ~ScanTree() override {
    if (scan_) scan_->shut_down();
    supervisor_.kill_all();
    until([&] { return supervisor_.empty(); });
  }

  ScanDirectory& scan(const Dialect& home, std::size_t most = SIZE_MAX) {
    ScanOptions options;
    options.most = most;
    options.path = dir_.path();
    options.rules = home.scan;
    options.home = &home;
    options.families = {families_, std::size(families_)};
    scan_.reset();
    scan_ = std::make_unique<ScanDirectory>(loop_, supervisor_, std::move(options));
    scan_->set_listener(&ledger_);
    scan_->begin();
    return *scan_;
  }

  void service(const std::string& name, const std::string& script, bool sticky = false) {
    dir_.make_directory(name);
    dir_.write_script(name + "/" + script, "[ \"$1\" = reset ] || exec sleep 1000");
    ::chmod(dir_.path(name).c_str(), sticky ? 01755 : 0755);
  }

  bool until(const std::function<bool()>& condition) { return turning_.until(condition); }

  const Dialect* families_[3] = {&runit::dialect(), &daemontools::dialect(), &perp::dialect()};
  test::TestDirectory dir_;
  SystemClock clock_;
  Signals signals_;
  EventLoop loop_{clock_};
  SystemSpawner spawner_;
  Supervisor supervisor_;
  test::TurningLoop turning_{loop_, supervisor_};
  Ledger ledger_;
  std::unique_ptr<ScanDirectory> scan_;
};

TEST_F(ScanTree, FindsAServiceByNameAndByDirectory) {
  service("web", "run");
  ScanDirectory& tree = scan(runit::dialect());
  const std::optional<TreeService> web = tree.find("web");
  ASSERT_TRUE(web);
  EXPECT_EQ(web->id.inode, dir_.look("web").st_ino);
  EXPECT_GT(web->snapshot.main.pid, 0);
  EXPECT_TRUE(tree.find(web->id));
  EXPECT_EQ(tree.at(0)->name, "web");
  EXPECT_FALSE(tree.at(1));
  EXPECT_FALSE(tree.find("db"));
  EXPECT_FALSE(tree.find(DirectoryId{web->id.device, web->id.inode + 1}));
}

TEST_F(ScanTree, AServiceThatAnotherLetsGoOfAtOnceIsTakenUpAndNothingIsSaid) {
  service("web", "run");
  dir_.make_directory("web/supervise");
  UniqueFd held(::open(dir_.path("web/supervise/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::flock(held.get(), LOCK_EX | LOCK_NB), 0);
  testing::internal::CaptureStderr();
  ScanDirectory& tree = scan(daemontools::dialect());
  held.reset();
  EXPECT_TRUE(until([&] { return tree.find("web") && tree.find("web")->snapshot.main.pid > 0; }));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(ScanTree, WhatIsNoScanDirectoryIsNamedInTheFamilysWords) {
  const auto complaint = [&](const Dialect& home, const char* path) {
    ScanOptions options;
    options.path = path;
    options.rules = home.scan;
    options.home = &home;
    scan_ = std::make_unique<ScanDirectory>(loop_, supervisor_, std::move(options));
    testing::internal::CaptureStderr();
    scan_->begin();
    std::string said = testing::internal::GetCapturedStderr();
    said.resize(said.find('\n') + 1);
    return said;
  };
  EXPECT_EQ(complaint(runit::dialect(), "/nowhere"),
            "runsvdir /nowhere: warning: unable to stat /nowhere: file does not exist\n");
  EXPECT_EQ(complaint(runit::dialect(), "/dev/null"),
            "runsvdir /dev/null: warning: unable to change directory to /dev/null: not a directory\n");
  EXPECT_EQ(complaint(daemontools::dialect(), "/nowhere"),
            "svscan: warning: unable to open directory /nowhere: file does not exist\n");
}

TEST_F(ScanTree, StopsAtTheMostThatAreWanted) {
  for (const char* name : {"a", "b", "c"}) service(name, "run");
  ScanDirectory& tree = scan(runit::dialect(), 2);
  EXPECT_TRUE(tree.at(1));
  EXPECT_FALSE(tree.at(2));
}

TEST_F(ScanTree, ALogIsPartOfItsServiceWhereverItIsSupervised) {
  service("web", "run");
  dir_.make_directory("web/log");
  dir_.write_script("web/log/run", "exec cat > /dev/null");
  for (const Dialect* home : {&runit::dialect(), &daemontools::dialect()}) {
    ScanDirectory& tree = scan(*home);
    const DirectoryId id = tree.find("web")->id;
    ASSERT_TRUE(tree.find(id)->snapshot.log) << home->name;
    const std::int32_t log = tree.find(id)->snapshot.log->pid;
    EXPECT_GT(log, 0);
    EXPECT_EQ(tree.command(id, {.verb = Verb::Pause, .role = Role::Log}, nullptr), TreeHost::Commanded::Done);
    EXPECT_TRUE(tree.find(id)->snapshot.log->paused);
    EXPECT_FALSE(tree.find(id)->snapshot.main.paused);
    // Neither knows a service that is up without a process, and how it comes down.
    EXPECT_FALSE(tree.let_be_empty(id, Role::Main)) << home->name;
    EXPECT_EQ(tree.command(id, {.verb = Verb::Continue, .role = Role::Log}, nullptr),
              TreeHost::Commanded::Done);
    tree.shut_down();
    EXPECT_TRUE(until([&] { return supervisor_.empty(); }));
  }
}

TEST_F(ScanTree, OnlyTheStickyBitMakesAServiceAndOnlyARequestLooks) {
  service("on", "rc.main", true);
  service("off", "rc.main");
  ScanDirectory& tree = scan(perp::dialect());
  EXPECT_TRUE(tree.find("on"));
  EXPECT_FALSE(tree.find("off"));
  EXPECT_EQ(ledger_.lines, std::vector<std::string>{"+on"});
  ::chmod(dir_.path("off").c_str(), 01755);
  ::chmod(dir_.path("on").c_str(), 0755);
  tree.rescan();
  EXPECT_TRUE(tree.find("off"));
  ASSERT_TRUE(tree.find("on"));
  EXPECT_FALSE(tree.find("on")->active);
  EXPECT_TRUE(tree.find("on")->snapshot.main.exiting);
  EXPECT_TRUE(until([&] { return !tree.find("on"); }));
  EXPECT_EQ(ledger_.lines, (std::vector<std::string>{"+on", "+off", "-on"}));
}

TEST_F(ScanTree, OneThatIsBackBeforeItHasEndedReturns) {
  service("web", "rc.main", true);
  ScanDirectory& tree = scan(perp::dialect());
  ::chmod(dir_.path("web").c_str(), 0755);
  tree.rescan();
  ::chmod(dir_.path("web").c_str(), 01755);
  tree.rescan();
  ASSERT_TRUE(tree.find("web"));
  EXPECT_TRUE(tree.find("web")->returning);
  EXPECT_TRUE(tree.find("web")->active);
  EXPECT_TRUE(until([&] { return tree.find("web") && !tree.find("web")->snapshot.main.exiting; }));
  EXPECT_FALSE(tree.find("web")->returning);
}

TEST_F(ScanTree, TellsWithWhichFilesAServiceBegan) {
  service("web", "rc.main", true);
  dir_.write("web/flag.down", "");
  dir_.write("web/flag.once", "");
  ScanDirectory& tree = scan(perp::dialect());
  EXPECT_TRUE(tree.find("web")->began_down);
  EXPECT_TRUE(tree.find("web")->began_once);
  EXPECT_EQ(tree.find("web")->snapshot.main.pid, 0);
  EXPECT_EQ(tree.command(DirectoryId{0, 0}, {.verb = Verb::Up}, nullptr), TreeHost::Commanded::Unknown);
}

TEST(ScanUntilEnded, LooksAgainAtHupAndEndsWhatThereIsAtTerm) {
  const test::TestDirectory dir, run;
  dir.make_directory("web");
  dir.write_script("web/run", "exec sleep 1000");
  const Dialect* const shown[] = {&perp::dialect()};
  test::RunningMain program(
      [&](int, char**) {
        Host host;
        if (!host.open(Host::Services::Many, {SIGTERM}, {SIGHUP})) return 1;
        ScanOptions options;
        options.path = dir.path();
        options.rules = runit::dialect().scan;
        options.home = &runit::dialect();
        ScanDirectory scan(host.loop(), host.supervisor(), std::move(options));
        if (!host.open_doors(scan, shown, run.path(), shown)) return 4;
        scan.begin();
        if (host.supervisor().empty()) return 2;
        const auto say = [](const char* line) { return [line] { (void)write_all(1, line); }; };
        say("begun\n")();
        scan_until_ended(host, scan, {.ending = say("ending\n")});
        return host.close_doors() && host.supervisor().empty() ? 0 : 3;
      },
      {"scan"});
  ASSERT_TRUE(program.prints("begun\n"));
  // From now on nobody wants it, which shows when it is looked at.
  ASSERT_EQ(::chmod(run.path("views/perp/web").c_str(), 0755), 0);
  program.kill(SIGHUP);
  EXPECT_TRUE(test::wait_until([&] { return dir.read("web/supervise/pid").empty(); }));
  program.kill(SIGTERM);
  const test::Ran ran = program.end();
  EXPECT_EQ(ran.out, "begun\nending\n");
  EXPECT_EQ(ran.code, 0);
  EXPECT_FALSE(run.exists("views/perp"));
}

}  // namespace
}  // namespace kindred
