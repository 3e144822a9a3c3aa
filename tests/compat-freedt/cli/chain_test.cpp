// argv0 and setlock, and what all of the programs answer.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include "compat-freedt/programs.h"
#include "core/sys/unique_fd.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::freedt {
namespace {

using test::run_main;

constexpr std::pair<const char*, int (*)(int, char**)> kPrograms[] = {
    {"anonidentd", anonidentd_main},
    {"argv0", argv0_main},
    {"mkservice", mkservice_main},
    {"setlock", setlock_main},
    {"svc", svc_main},
    {"supervise", supervise_main},
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
  const test::Ran ran = run_main(argv0_main, {"argv0", "sh", "otherwise", "-c", "echo $0 $1", "$0", "a"});
  EXPECT_EQ(ran.out, "$0 a\n");
  EXPECT_EQ(run_main(argv0_main, {"argv0", "sh", "otherwise", "-c", "tr '\\0' ' ' </proc/$$/cmdline"})
                .out.substr(0, 10),
            "otherwise ");
  EXPECT_EQ(run_main(argv0_main, {"argv0", "sh"}).code, 100);
  const test::Ran missing = run_main(argv0_main, {"argv0", "/nowhere/sh", "x"});
  EXPECT_EQ(missing.code, 111);
  EXPECT_EQ(missing.err, "argv0: fatal: unable to run /nowhere/sh: file does not exist\n");
}

TEST(Setlock, RunsTheProgramWhileItHoldsTheLock) {
  const test::TestDirectory root;
  const std::string file = root.path("lock");
  EXPECT_EQ(
      run_main(setlock_main, {"setlock", file, "sh", "-c", "flock -n '" + file + "' true || echo held"}).out,
      "held\n");
  const UniqueFd held(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(flock(held.get(), LOCK_EX), 0);
  const test::Ran refused = run_main(setlock_main, {"setlock", "-n", file, "echo", "ran"});
  EXPECT_EQ(refused.code, 111);
  EXPECT_EQ(refused.err, "setlock: fatal: unable to lock " + file + ": temporary failure\n");
  const test::Ran silent = run_main(setlock_main, {"setlock", "-nx", file, "echo", "ran"});
  EXPECT_EQ(silent.code, 0);
  EXPECT_EQ(silent.out + silent.err, "");
  EXPECT_EQ(run_main(setlock_main, {"setlock", "-X", "-x", root.path("none/lock"), "echo"}).code, 0);
  EXPECT_EQ(run_main(setlock_main, {"setlock", file}).code, 100);
}

}  // namespace
}  // namespace kindred::freedt
