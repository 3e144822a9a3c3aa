#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/dialect/registry.h"
#include "core/engine/control_socket.h"
#include "core/native/subcommands.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::Ran;
using test::RunningMain;
using test::TestDirectory;
using test::wait_until;

Ran control(std::vector<std::string> words) {
  words.insert(words.begin(), "control");
  return test::run_main(control_main, words);
}

TEST(KindredControl, WhoLooksForSupervisorsMakesNoRunDirectory) {
  const TestDirectory root;
  const std::string run = root.path("run");
  EXPECT_EQ(control({"--run-dir", run, "--upgrade"}).code, 111);
  EXPECT_FALSE(std::filesystem::exists(run));
}

TEST(KindredControl, SaysWhatIsNeeded) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"--run-dir", "/nonexistent"},
                                                {"--views", "all"},
                                                {"--run-dir"},
                                                {"--run-dir", "/nonexistent", "--views", "all", "word"},
                                                {"--other", "--run-dir", "/nonexistent", "--views", "all"}}) {
    const Ran ran = control(words);
    EXPECT_EQ(ran.code, 100);
    EXPECT_NE(ran.err.find("\nusage: kindred control --run-dir DIR --views all|none|FAMILY,...\n"),
              std::string::npos)
        << ran.err;
    EXPECT_EQ(ran.out, "");
  }
}

TEST(KindredControl, HelpsOnRequest) {
  const Ran ran = control({"--help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  for (const char* option : {"--run-dir", "--views", "--help"})
    EXPECT_NE(ran.out.find(option), std::string::npos) << option;
}

TEST(KindredControl, NamesWhereThereIsNoScan) {
  const TestDirectory run;
  Ran ran = control({"--run-dir", run.path(), "--views", "all"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred control: fatal: unable to ask the scan of " + run.path() +
                         ": connect to control.sock: file does not exist\n");
  const std::string missing = run.path("missing");
  ran = control({"--run-dir", missing, "--views", "all"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred control: fatal: unable to ask the scan of " + missing + ": open directory " +
                         missing + ": file does not exist\n");
}

/// A scan with one service; its run directory has a name that words and paths have trouble with.
class ControlledScan : public ::testing::Test {
 protected:
  ControlledScan() {
    dir_.make_directory("services");
    dir_.make_directory("services/web");
    dir_.write_script("services/web/run", "exec sleep 1000 >/dev/null 2>&1\n");
    EXPECT_EQ(::chmod(dir_.path().c_str(), 0755), 0);
  }
  ~ControlledScan() override {
    if (!scan_) return;
    scan_->kill(SIGTERM);
    const Ran ran = scan_->end();
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
  }

  void start(const std::string& views = "none") {
    scan_.emplace(scan_main, std::vector<std::string>{"scan", "--run-dir", run_, "--views", views,
                                                      dir_.path("services")});
    EXPECT_TRUE(
        wait_until([&] { return dir_.exists("services/web/supervise/status") && ask("").code != 111; }));
  }
  /// Without views: whether anybody answers.
  [[nodiscard]] Ran ask(const std::string& views) const {
    if (!views.empty()) return control({"--run-dir", run_, "--views", views});
    Ran ran;
    ran.code = ask_host(run_, "nothing") ? 0 : 111;
    return ran;
  }
  [[nodiscard]] std::vector<std::string> views() const {
    std::vector<std::string> names;
    if (!std::filesystem::exists(run_ + "/views")) return names;
    for (const auto& entry : std::filesystem::directory_iterator(run_ + "/views"))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  [[nodiscard]] bool shows(const std::string& family) const {
    return std::filesystem::exists(run_ + "/views/" + family + "/web");
  }
  void expect_refused(const std::string& views, const std::string& why) const {
    const Ran ran = ask(views);
    EXPECT_EQ(ran.code, 111);
    EXPECT_EQ(ran.err, "kindred control: fatal: unable to change the views of " + run_ + ": " + why + "\n");
  }

  using Names = std::vector<std::string>;
  TestDirectory dir_;
  std::string run_ = dir_.path("a run\tdirectory, 'quoted' " + std::string(120, 'x'));
  std::optional<RunningMain> scan_;
};

TEST_F(ControlledScan, SwitchesViewsWhileServicesRun) {
  start("s6");
  EXPECT_EQ(views(), Names{"s6"});
  const std::string before = dir_.read("services/web/supervise/status");
  for (const char* list : {"runit,s6", "runit,s6", "s6,runit,s6"}) {
    const Ran ran = ask(list);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out + ran.err, "");
    EXPECT_EQ(views(), (Names{"runit", "s6"})) << list;
    EXPECT_TRUE(shows("runit") && shows("s6"));
  }
  EXPECT_EQ(ask("perp").code, 0);
  EXPECT_EQ(views(), Names{"perp"});
  EXPECT_EQ(ask("all").code, 0);
  EXPECT_EQ(views().size(), families().size());
  for (const Dialect* family : families()) EXPECT_TRUE(shows(family->name)) << family->name;
  EXPECT_EQ(ask("none").code, 0);
  EXPECT_EQ(views(), Names{});
  EXPECT_EQ(dir_.read("services/web/supervise/status"), before) << "it was restarted";
}

TEST_F(ControlledScan, TellsWhatHasHappened) {
  start();
  const std::string web = dir_.path("services/web");
  Ran ran;
  EXPECT_TRUE(wait_until([&] {
    ran = control({"--run-dir", run_, "--trace", web});
    return ran.out.find("run was started\n") != std::string::npos;
  })) << ran.out;
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out.substr(0, ran.out.find("  2")), "web\n");
  EXPECT_NE(ran.out.find("supervision began, wanted up\n"), std::string::npos) << ran.out;
  const TestDirectory other;
  ran = control({"--run-dir", other.path(), "--trace", web});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "web\n  nothing is known: no supervisor of " + other.path() + " has it\n");
  EXPECT_EQ(control({"--run-dir", run_, "--trace", web + "/none"}).code, 111);
  EXPECT_EQ(control({"--run-dir", run_, "--trace", web, "--upgrade"}).code, 100);
}

TEST_F(ControlledScan, RefusesByNameAndLeavesViewsAsTheyAre) {
  start("runit");
  expect_refused("upstart", "there is no family upstart");
  expect_refused("s6,upstart,perp", "there is no family upstart");
  for (const char* list : {",", "s6,", ",s6", "s6,,perp"}) expect_refused(list, "there is no family ");
  expect_refused("S6", "there is no family S6");
  expect_refused("s6 perp", "there is no family s6 perp");
  expect_refused("../../services", "there is no family ../../services");
  expect_refused(std::string(2000, 'a'), "request too long");
  EXPECT_EQ(views(), Names{"runit"});
}

TEST_F(ControlledScan, AnswersOnlyWhatItKnows) {
  start();
  const Result<std::string> answer = ask_host(run_, "anything else");
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, "unknown request");
}

TEST_F(ControlledScan, OfADeadScanNobodyAnswers) {
  start();
  scan_->kill(SIGKILL);
  EXPECT_EQ(scan_->end().code, 128 + SIGKILL);
  scan_.reset();
  Ran ran = ask("all");
  // Its core ends a moment later.
  while (ran.code == 0 || ran.err.find("connection reset") != std::string::npos) ran = ask("all");
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred control: fatal: unable to ask the scan of " + run_ +
                         ": connect to control.sock: connection refused\n");
  // The next one takes the service on, and ends it.
  start();
  EXPECT_EQ(ask("runit").code, 0);
  EXPECT_TRUE(shows("runit"));
}

TEST_F(ControlledScan, IsClosedToOtherUsers) {
  if (::geteuid() != 0) GTEST_SKIP() << "this takes a second user";
  start("runit");
  ASSERT_EQ(::chmod(run_.c_str(), 0755), 0);
  const auto as_other = [](int argc, char** argv) {
    return ::setresuid(65534, 65534, 65534) == 0 ? control_main(argc, argv) : 1;
  };
  const std::vector<std::string> words{"control", "--run-dir", run_, "--views", "all"};
  Ran ran = test::run_main(as_other, words);
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred control: fatal: unable to ask the scan of " + run_ +
                         ": connect to control.sock: access denied\n");
  // Nor where the file lets them in.
  ASSERT_EQ(::chmod((run_ + "/control.sock").c_str(), 0777), 0);
  ran = test::run_main(as_other, words);
  EXPECT_EQ(ran.code, 111);
  EXPECT_NE(ran.err.find("unable to ask the scan of " + run_), std::string::npos) << ran.err;
  EXPECT_EQ(views(), Names{"runit"});
  EXPECT_EQ(ask("s6").code, 0);
}

TEST(KindredControl, DoesNotTrustAnotherUsersScan) {
  if (::geteuid() != 0) GTEST_SKIP() << "this takes a second user";
  const TestDirectory dir;
  dir.make_directory("services");
  dir.make_directory("run");
  for (const char* name : {"services", "run", "."})
    ASSERT_EQ(::chown(dir.path(name).c_str(), 65534, 65534), 0);
  RunningMain scan(
      [](int argc, char** argv) { return ::setresuid(65534, 65534, 65534) == 0 ? scan_main(argc, argv) : 1; },
      {"scan", "--run-dir", dir.path("run"), dir.path("services")});
  ASSERT_TRUE(wait_until([&] { return dir.exists("run/control.sock"); }));
  Ran ran;
  ASSERT_TRUE(wait_until([&] {
    ran = control({"--run-dir", dir.path("run"), "--views", "all"});
    return ran.err.find("refused") == std::string::npos;
  }));
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred control: fatal: unable to ask the scan of " + dir.path("run") +
                         ": trust control.sock: permission denied\n");
  scan.kill(SIGTERM);
  EXPECT_EQ(scan.end().code, 0);
}

}  // namespace
}  // namespace kindred
