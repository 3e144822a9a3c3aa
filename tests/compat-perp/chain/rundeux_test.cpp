#include <gtest/gtest.h>

#include <csignal>

#include "compat-perp/chain/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::perp {
namespace {

// interfaces/weaknesses.md: the original ends by SIGSEGV.
TEST(Rundeux, WithoutASeparatorIsMisuse) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"rundeux", "a", "b", "c"},
                                                {"rundeux", "::", "b", "c"},
                                                {"rundeux", "a", "b", "::"},
                                                {"rundeux", "-S", "+", "a", "::", "c"}}) {
    const test::Ran ran = test::run_main(rundeux_main, words);
    EXPECT_EQ(ran.code, 100);
    EXPECT_EQ(ran.err.find("rundeux: usage error: "), 0U) << ran.err;
  }
}

TEST(Rundeux, BecomesTheProgramWithItsSignalsAsTheyWere) {
  const test::TestDirectory root;
  root.write_script("logger", "cat > " + root.path("out"));
  const test::Ran ran = test::run_main(
      [](int argc, char** argv) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        return rundeux_main(argc, argv);
      },
      {"rundeux", "-x", "grep", "SigBlk", "/proc/self/status", "::", root.path("logger")});
  EXPECT_EQ(ran.code, 0);
  ASSERT_TRUE(test::wait_until([&] { return root.read("out").find("SigBlk") != std::string::npos; }));
  EXPECT_NE(root.read("out").find("SigBlk:\t0000000000000000"), std::string::npos) << root.read("out");
}

// The logger waits for its second when the pair is told to end: it is started nevertheless.
TEST(Rundeux, WhatIsWrittenAfterTheLoggerHasDiedIsLogged) {
  const test::TestDirectory root;
  root.write_script("logger", "test -e " + root.path("once") + " || { : > " + root.path("once") +
                                  "; exit 1; }; cat >> " + root.path("out"));
  root.write_script(
      "prog", "trap 'echo last; exit 0' TERM; : > " + root.path("ready") + "; while :; do sleep 0.05; done");
  test::RunningMain rundeux(rundeux_main, {"rundeux", root.path("prog"), "::", root.path("logger")});
  ASSERT_TRUE(rundeux.complains("did not live for a second"));
  ASSERT_TRUE(test::wait_until([&] { return root.exists("ready"); }));
  rundeux.kill(SIGTERM);
  EXPECT_EQ(rundeux.end().code, 0);
  EXPECT_NE(root.read("out").find("last\n"), std::string::npos) << root.read("out");
}

TEST(Runtrap, NeedsThreeWords) {
  EXPECT_EQ(test::run_main(runtrap_main, {"runtrap", "id", "trapper"}).code, 100);
  EXPECT_EQ(test::run_main(runtrap_main, {"runtrap", "-V"}).err, "runtrap: version: 2.07\n");
}

}  // namespace
}  // namespace kindred::perp
