// The chain tools, and what all of the programs answer.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include "compat-freedt/chain/programs.h"
#include "compat-freedt/chain/tools.h"
#include "compat-freedt/log/programs.h"
#include "compat-freedt/programs.h"
#include "core/sys/unique_fd.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::freedt {
namespace {

using test::run_main;

constexpr std::pair<const char*, int (*)(int, char**)> kPrograms[] = {
    {"anonidentd", anonidentd_main},
    {"argv0", chain_main},
    {"dumblog", dumblog_main},
    {"envdir", chain_main},
    {"envuidgid", chain_main},
    {"mkservice", mkservice_main},
    {"ratelimit", ratelimit_main},
    {"recordio", recordio_main},
    {"setlock", chain_main},
    {"setuidgid", chain_main},
    {"softlimit", chain_main},
    {"supervise", supervise_main},
    {"svc", svc_main},
    {"svok", svok_main},
    {"svscan", svscan_main},
    {"svstat", svstat_main},
};

TEST(Programs, SayTheirVersionAndTheirUsage) {
  for (const auto& [name, main] : kPrograms) {
    const test::Ran version = run_main(main, {name, "-V"}), usage = run_main(main, {name, "-?"});
    EXPECT_EQ(version.code, 0) << name;
    EXPECT_TRUE(version.out.starts_with(std::string("freedt-compatible ") + name + " (kindred "))
        << version.out;
    EXPECT_EQ(usage.code, 0) << name;
    EXPECT_TRUE(usage.out.starts_with(name)) << usage.out;
    EXPECT_EQ(version.err + usage.err, "") << name;
  }
}

TEST(Argv0, RunsAProgramUnderAnotherName) {
  const test::Ran ran = run_main(chain_main, {"argv0", "sh", "otherwise", "-c", "echo $0 $1", "$0", "a"});
  EXPECT_EQ(ran.out, "$0 a\n");
  EXPECT_EQ(run_main(chain_main, {"argv0", "sh", "otherwise", "-c", "tr '\\0' ' ' </proc/$$/cmdline"})
                .out.substr(0, 10),
            "otherwise ");
  EXPECT_EQ(run_main(chain_main, {"argv0", "sh"}).code, 100);
  const test::Ran missing = run_main(chain_main, {"argv0", "/nowhere/sh", "x"});
  EXPECT_EQ(missing.code, 111);
  EXPECT_EQ(missing.err, "argv0: fatal: unable to run /nowhere/sh: file does not exist\n");
}

TEST(Setlock, RunsTheProgramWhileItHoldsTheLock) {
  const test::TestDirectory root;
  const std::string file = root.path("lock");
  EXPECT_EQ(
      run_main(chain_main, {"setlock", file, "sh", "-c", "flock -n '" + file + "' true || echo held"}).out,
      "held\n");
  const UniqueFd held(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(flock(held.get(), LOCK_EX), 0);
  const test::Ran refused = run_main(chain_main, {"setlock", "-n", file, "echo", "ran"});
  EXPECT_EQ(refused.code, 111);
  EXPECT_EQ(refused.err, "setlock: fatal: unable to lock " + file + ": temporary failure\n");
  const test::Ran silent = run_main(chain_main, {"setlock", "-nx", file, "echo", "ran"});
  EXPECT_EQ(silent.code, 0);
  EXPECT_EQ(silent.out + silent.err, "");
  EXPECT_EQ(run_main(chain_main, {"setlock", "-X", "-x", root.path("none/lock"), "echo"}).code, 0);
  EXPECT_EQ(run_main(chain_main, {"setlock", file}).code, 100);
}

// What the files of a directory do is asserted in tests/core/chain.
TEST(Envdir, ChangesTheEnvironment) {
  const test::TestDirectory root;
  root.write("A", "new \nmore");
  root.write("GONE", "");
  setenv("GONE", "there", 1);
  setenv("KEPT", "kept", 1);
  const test::Ran ran = run_main(chain_main, {"envdir", root.path(), "sh", "-c",
                                               "echo \"$A ${GONE-unset} $KEPT $#\"; exit 5", "-", "-x"});
  unsetenv("GONE");
  unsetenv("KEPT");
  EXPECT_EQ(ran.out, "new unset kept 1\n");
  EXPECT_EQ(ran.code, 5);
}

TEST(Envdir, FailsWithOneCodeForEverything) {
  const test::TestDirectory root;
  root.write("A", "secret");
  EXPECT_EQ(run_main(chain_main, {"envdir"}).code, 111);
  EXPECT_EQ(run_main(chain_main, {"envdir", root.path()}).code, 111);
  const test::Ran missing = run_main(chain_main, {"envdir", root.path(), "/nowhere/sh"});
  EXPECT_EQ(missing.code, 111);
  EXPECT_EQ(missing.err, "envdir: fatal: unable to run /nowhere/sh: file does not exist\n");
  ASSERT_EQ(symlink("nowhere", root.path("B").c_str()), 0);
  const test::Ran dangling = run_main(chain_main, {"envdir", root.path(), "env"});
  EXPECT_EQ(dangling.code, 111);
  EXPECT_EQ(dangling.err, "envdir: fatal: unable to read " + root.path("B") + ": file does not exist\n");
  EXPECT_EQ(dangling.out, "");
}

TEST(Envuidgid, SaysTheNumbersAndChangesNothingElse) {
  const test::Ran ran = run_main(
      chain_main, {"envuidgid", "nobody", "sh", "-c", "echo $(printenv UID):$(printenv GID) $(id -u)"});
  const test::Ran expected =
      run_main(chain_main, {"argv0", "sh", "sh", "-c", "echo $(id -u nobody):$(id -g nobody) $(id -u)"});
  EXPECT_EQ(ran.out, expected.out);
  EXPECT_EQ(run_main(chain_main, {"envuidgid", "nobody"}).code, 100);
}

TEST(Setuidgid, BecomesTheAccount) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may";
  const test::Ran ran = run_main(chain_main, {"setuidgid", "nobody", "sh", "-c", "id -u; id -g; id -G"});
  const test::Ran expected =
      run_main(chain_main, {"argv0", "sh", "sh", "-c", "id -u nobody; id -g nobody; id -g nobody"});
  EXPECT_EQ(ran.out, expected.out);
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(run_main(chain_main, {"setuidgid", "nobody"}).code, 100);
}

TEST(Accounts, ThatAreUnknownAreNamed) {
  for (const char* account : {"no-such-account", "0"}) {
    const test::Ran ran = run_main(chain_main, {"setuidgid", account, "echo", "ran"});
    EXPECT_EQ(ran.code, 111);
    EXPECT_EQ(ran.err, std::string("setuidgid: fatal: unknown account ") + account + "\n");
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(run_main(chain_main, {"envuidgid", account, "echo", "ran"}).code, 111);
  }
}

TEST(Softlimit, LimitsTheProgram) {
  EXPECT_EQ(run_main(chain_main, {"softlimit", "-o10", "-o", "20", "sh", "-c", "ulimit -Sn"}).out,
            "20\n");
  EXPECT_EQ(run_main(chain_main, {"softlimit", "-o", "20", "sh", "-c", "ulimit -Hn"}).out,
            run_main(chain_main, {"softlimit", "sh", "-c", "ulimit -Hn"}).out);
  EXPECT_EQ(run_main(chain_main, {"softlimit", "-c", "0", "/nowhere/sh"}).code, 111);
}

TEST(Softlimit, RefusesWhatIsNoLimit) {
  using Words = std::vector<std::string>;
  for (const Words& words : {Words{"softlimit"},
                             {"softlimit", "-c"},
                             {"softlimit", "-c", "0"},
                             {"softlimit", "-c", "12x", "echo"},
                             {"softlimit", "-q", "1", "echo"}}) {
    const test::Ran ran = run_main(chain_main, words);
    EXPECT_EQ(ran.code, 100);
    EXPECT_NE(ran.err.find("softlimit: usage: "), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace kindred::freedt
