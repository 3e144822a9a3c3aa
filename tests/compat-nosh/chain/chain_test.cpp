// Chains in one process, and what the originals do wrong.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/utsname.h>

#include "compat-nosh/chain/tools.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

using test::Ran;
using test::run_main;

class Chain : public ::testing::Test {
 protected:
  [[nodiscard]] static Ran run(const std::vector<std::string>& words) { return run_main(chain_main, words); }
  [[nodiscard]] Ran script(const std::string& text) const {
    root_.write("script", text);
    return run({"nosh", root_.path("script")});
  }
  test::TestDirectory root_;
};

TEST_F(Chain, OneToolAfterTheOtherChangesTheProcess) {
  const Ran ran = script("setenv A 1 setenv A 2 prependpath A 0 printenv A");
  EXPECT_EQ(ran.out, "0:2\n");
  EXPECT_EQ(ran.code, 0);
}

TEST_F(Chain, TheMachineIsTold) {
  utsname names{};
  ASSERT_EQ(::uname(&names), 0);
  EXPECT_EQ(script("setenv HOSTNAME x machineenv printenv HOSTNAME").out, std::string(names.nodename) + "\n");
  // What it has not is removed.
  const bool has_domain = std::string_view(names.domainname) != "(none)";
  EXPECT_EQ(script("setenv DOMAINNAME x machineenv printenv DOMAINNAME").out,
            has_domain ? std::string(names.domainname) + "\n" : "");
  const std::string id = script("setenv MACHINEID x machineenv printenv MACHINEID").out;
  EXPECT_TRUE(id.empty() || id.size() == 33) << id;
  EXPECT_EQ(script("machineenv").err, "machineenv: FATAL: Missing terminal command.\n");
}

TEST_F(Chain, TheLastToolSaysWhatCannotBeDone) {
  EXPECT_EQ(script("setenv A 1").err, "setenv: FATAL: Missing terminal command.\n");
  EXPECT_EQ(script("setenv A 1 /nowhere/prog").err,
            "setenv: FATAL: /nowhere/prog: No such file or directory\n");
  EXPECT_EQ(script("chdir /nowhere true").err, "chdir: FATAL: /nowhere: No such file or directory\n");
  EXPECT_EQ(script("setuidgid no-such-account true").err,
            "setuidgid: FATAL: no-such-account: No such user.\n");
  EXPECT_EQ(script("setuidgid no-such-account true").code, 111);
  EXPECT_EQ(script("time-env-set A nonsense true").code, 100);
}

TEST_F(Chain, AScriptThatIsNoneIsNamed) {
  const std::string path = root_.path("script");
  EXPECT_EQ(script("echo 'x").err, "nosh: FATAL: " + path + ": Unterminated quote at end of file.\n");
  EXPECT_EQ(script("echo \\").err, "nosh: FATAL: " + path + ": Slash before end of file.\n");
  EXPECT_EQ(script("# nothing\n").err, "nosh: FATAL: No arguments in script.\n");
  EXPECT_EQ(run({"nosh"}).err, "nosh: FATAL: Incorrect number of arguments.\n");
  EXPECT_EQ(run({"nosh", "/nowhere"}).err, "nosh: ERROR: /nowhere: No such file or directory\n");
  EXPECT_EQ(run({"nosh", "/nowhere"}).code, 1);
  EXPECT_EQ(run({"nosh", root_.path()}).code, 1);
}

TEST_F(Chain, AScriptBeyondAllMeasureIsRefused) {
  const std::string path = root_.path("script");
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ASSERT_EQ(::ftruncate(file, 1L << 33), 0);
  ::close(file);
  EXPECT_EQ(run({"nosh", path}).err, "nosh: FATAL: " + path + ": File too large\n");
}

TEST_F(Chain, ForegroundsInForegrounds) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "foreground line-banner " + std::to_string(i) + " true ; ";
  const Ran ran = script(text + "line-banner end true");
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 41);
  EXPECT_EQ(ran.code, 0);
}

TEST_F(Chain, ScriptsWithinScriptsEnd) {
  root_.write("loop", "nosh " + root_.path("loop"));
  root_.write("once", "nosh " + root_.path("last"));
  root_.write("last", "printenv HOME_OF_NOBODY");
  EXPECT_EQ(run({"nosh", root_.path("once")}).code, 1);
}

// The original closes a descriptor that is to be moved to itself.
TEST_F(Chain, ADescriptorThatIsMovedToItselfStays) {
  EXPECT_EQ(script("fdmove 1 1 line-banner still true").out, "still\n");
  EXPECT_EQ(script("fdmove -c 1 1 line-banner still true").out, "still\n");
}

// The original only seeks to the end once.
TEST_F(Chain, AppendingIsAtTheEndWhoeverElseWrites) {
  const std::string log = root_.path("log");
  const Ran ran =
      script("fdredir -a 5 " + log + " foreground sh -c 'echo other >> " + log + "' ; sh -c 'echo mine >&5'");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(root_.read("log"), "other\nmine\n");
}

// The original unlinks whatever has the name.
TEST_F(Chain, OnlyASocketIsReplacedByASocket) {
  root_.write("plain", "precious");
  const Ran ran = script("local-stream-socket-listen " + root_.path("plain") + " true");
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err,
            "local-stream-socket-listen: FATAL: " + root_.path("plain") + ": Address already in use\n");
  EXPECT_EQ(root_.read("plain"), "precious");
  EXPECT_EQ(script("local-stream-socket-listen " + root_.path("s") + " local-stream-socket-listen " +
                   root_.path("s") + " true")
                .code,
            0);
}

TEST_F(Chain, APlainFileIsNoFifo) {
  root_.write("plain", "precious");
  EXPECT_EQ(script("fifo-listen -m 0600 " + root_.path("plain") + " true").err,
            "fifo-listen: FATAL: " + root_.path("plain") + ": not a FIFO.\n");
}

// The original fails, and with it each bundle that its converter makes.
TEST_F(Chain, WithoutControlGroupsTheChainGoesOn) {
  const Ran ran = script("move-to-control-group /no-such/deep/group line-banner on true");
  EXPECT_EQ(ran.out, "on\n");
  EXPECT_EQ(ran.code, 0);
  EXPECT_TRUE(ran.err.starts_with("move-to-control-group: WARNING: ")) << ran.err;
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1);
}

TEST_F(Chain, AnAcceptorWithoutASocketEnds) {
  root_.write("plain", "");
  const Ran ran = script("fdredir 3 " + root_.path("plain") + " tcp-socket-accept true");
  EXPECT_EQ(ran.code, 1);
  EXPECT_TRUE(ran.err.starts_with("tcp-socket-accept: FATAL: ")) << ran.err;
}

TEST_F(Chain, BecomingAnAccountLeavesNothingBehind) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may";
  const Ran ran =
      script("setuidgid -g tty daemon getuidgid foreground printenv UID GID GIDLIST ; setgid-fromenv true");
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 3) << ran.out;
  EXPECT_EQ(ran.out.find("\n0\n"), std::string::npos) << ran.out;
  // Who is nobody special may not choose groups.
  EXPECT_EQ(ran.code, 111);
}

TEST_F(Chain, WhoHasBecomeAnotherMayStillBeEndedRather) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may become another";
  const Ran ran = script("setuidgid daemon oom-kill-protect 500 cat /proc/self/oom_score_adj");
  EXPECT_EQ(ran.out, "500\n") << ran.err;
  EXPECT_EQ(script("setuidgid daemon oom-kill-protect -- -500 true").code, 1);
  EXPECT_EQ(script("setuidgid daemon oom-kill-protect --oknoaccess -- -500 true").code, 0);
}

// The original crashes where a directory is named.
TEST_F(Chain, WhatIsMadeReadOnlyIsSoForTheProgramAlone) {
  if (run({"unshare", "--mount", "true"}).code != 0) GTEST_SKIP() << "no mount namespaces here";
  root_.make_directory("fixed");
  root_.make_directory("fixed/loose");
  const std::string fixed = root_.path("fixed");
  const Ran ran =
      script("unshare --mount set-mount-object --recursive private / make-read-only-fs --include " + fixed +
             " --except " + fixed + "/loose --include /no-such-directory foreground sh -c 'echo > " + fixed +
             "/file' ; sh -c 'echo > " + fixed + "/loose/file'");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_FALSE(root_.exists("fixed/file"));
  EXPECT_TRUE(root_.exists("fixed/loose/file")) << ran.err;
  root_.write("fixed/after", "");
  EXPECT_TRUE(root_.exists("fixed/after"));
}

TEST_F(Chain, WhatIsMadePrivateIsSoForTheProgramAlone) {
  if (run({"unshare", "--mount", "true"}).code != 0) GTEST_SKIP() << "no mount namespaces here";
  const std::string apart = "unshare --mount set-mount-object --recursive private / make-private-fs ";
  root_.make_directory("hidden");
  root_.write("hidden/file", "");
  root_.write("secret", "word");
  const Ran hidden = script(apart + "--hide " + root_.path("hidden") + " -h " + root_.path("secret") +
                            " --hide /no-such-directory sh -c 'ls " + root_.path("hidden") + "; cat " +
                            root_.path("secret") + "'");
  EXPECT_EQ(hidden.code, 0) << hidden.err;
  EXPECT_EQ(hidden.out, "");
  EXPECT_TRUE(root_.exists("hidden/file"));
  // What is made below the system's is not to stay there.
  const std::string emptied =
      "foreground mount -t tmpfs none /tmp ; foreground mount -t tmpfs none /var/tmp ; ";
  const Ran temporary =
      script("unshare --mount set-mount-object --recursive private / " + emptied +
             "make-private-fs --temp --homes sh -c 'ls -A /tmp /home; stat -c %a /tmp /var/tmp'");
  EXPECT_EQ(temporary.out, "/home:\n\n/tmp:\n1777\n1777\n") << temporary.err;
  const Ran devices =
      script(apart + "--devices sh -c 'echo x >/dev/null; echo x >/dev/stdout; test ! -e /dev/mem'");
  EXPECT_EQ(devices.code, 0) << devices.err;
  EXPECT_EQ(devices.out, "x\n");
}

TEST_F(Chain, WhoMayMakeNothingPrivateIsToldAndLeavesNothing) {
  if (run({"unshare", "--mount", "true"}).code != 0) GTEST_SKIP() << "no mount namespaces here";
  const Ran ran = script(
      "unshare --mount set-mount-object --recursive private / foreground mount -t tmpfs none /tmp ; "
      "foreground setuidgid daemon make-private-fs --temp true ; ls -A /tmp");
  EXPECT_EQ(ran.err, "make-private-fs: FATAL: /tmp: Operation not permitted\n");
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(run({"make-private-fs"}).err, "make-private-fs: FATAL: Missing terminal command.\n");
}

TEST_F(Chain, ProgramsAreToldOfTheEnvironmentInOrder) {
  const Ran ran = script("clearenv setenv B 2 setenv A 1 setenv C 3 /usr/bin/env");
  EXPECT_EQ(ran.out, "A=1\nB=2\nC=3\n");
}

}  // namespace
}  // namespace kindred::nosh
