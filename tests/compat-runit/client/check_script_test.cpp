#include "compat-runit/client/check_script.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>

#include "core/sys/clock.h"
#include "tests/core/client/fake_service.h"

namespace kindred::runit {
namespace {

namespace fs = std::filesystem;

class CheckScriptTest : public ::testing::Test {
 protected:
  void script(const std::string& body, mode_t mode = 0755) {
    test::write_file(root_.path("check"), "#!/bin/sh\n" + body + "\n", mode);
  }
  CheckAnswer run(Duration limit = std::chrono::seconds(30)) {
    const auto service = ServiceDirectory::open(AT_FDCWD, root_.path().c_str());
    const SystemClock clock;
    return run_check(*service, "web", clock.now().steady + limit, clock);
  }
  [[nodiscard]] std::string trace() const {
    std::ifstream file(root_.path("trace"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  test::TestDirectory root_;
};

TEST_F(CheckScriptTest, NoScriptGrants) {
  EXPECT_TRUE(run().granted);
  fs::create_symlink("nowhere", root_.path("check"));
  EXPECT_TRUE(run().granted);
}

TEST_F(CheckScriptTest, ExitCodeZeroGrantsAndNothingElse) {
  script("exit 0");
  EXPECT_TRUE(run().granted);
  for (const char* body : {"exit 1", "exit 111", "kill -KILL $$", "kill -TERM $$"}) {
    script(body);
    const CheckAnswer answer = run();
    EXPECT_FALSE(answer.granted) << body;
    EXPECT_EQ(answer.trouble, "") << body;
  }
}

TEST_F(CheckScriptTest, RunsInTheServiceDirectoryWithoutWordsAndStandardOutput) {
  script("echo hello 2>/dev/null; echo $? $# $0 >trace; pwd >>trace");
  EXPECT_TRUE(run().granted);
  EXPECT_EQ(trace(), "1 0 check\n" + fs::canonical(root_.path()).string() + "\n");
}

TEST_F(CheckScriptTest, WhatCannotBeExecutedDoesNotGrant) {
  script("exit 0", 0644);
  EXPECT_FALSE(run().granted);
  EXPECT_EQ(run().trouble, "unable to run web/check: access denied");
  test::write_file(root_.path("check"), "exit 0\n", 0755);
  EXPECT_EQ(run().trouble, "unable to run web/check: exec format error");
  test::write_file(root_.path("check"), "#!/no/such/interpreter\n", 0755);
  EXPECT_EQ(run().trouble, "unable to run web/check: file does not exist");
  fs::remove(root_.path("check"));
  fs::create_symlink("check", root_.path("check"));
  EXPECT_EQ(run().trouble, "unable to stat web/check: symbolic link loop");
}

TEST_F(CheckScriptTest, AScriptThatHangsIsKilledAndDoesNotGrant) {
  script("exec sleep 1000");
  const CheckAnswer answer = run(std::chrono::milliseconds(50));
  EXPECT_FALSE(answer.granted);
  EXPECT_EQ(answer.trouble, "killed web/check, which took too long");
}

TEST_F(CheckScriptTest, DoesNotInheritThatSigpipeIsIgnored) {
  ignore_sigpipe();
  script("kill -PIPE $$; exit 0");
  EXPECT_FALSE(run().granted);
  std::signal(SIGPIPE, SIG_DFL);
}

}  // namespace
}  // namespace kindred::runit
