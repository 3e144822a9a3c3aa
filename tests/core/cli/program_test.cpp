#include "core/cli/program.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "core/cli/output.h"
#include "tests/core/cli/run_main.h"

namespace kindred {
namespace {

int tell_arguments(int argc, char** argv) {
  Output out;
  for (int i = 0; i < argc; ++i) out.add(i == 0 ? "" : " ").add(argv[i]);
  return out.flush() ? 7 : 1;
}
int run_out(int, char**) { throw std::bad_alloc(); }
int stumble(int, char**) { throw std::runtime_error("lost the thread"); }

constexpr Program kPrograms[] = {
    {"svstat", tell_arguments, "show services"},
    {"hungry", run_out, "use all memory"},
    {"odd", stumble, "fail"},
};
constexpr Program kWithInitScript[] = {
    {"runsv", run_out, "supervise"},
    {"sv", tell_arguments, "control services", true},
};

test::Ran run(std::span<const Program> programs, const std::vector<std::string>& words) {
  return test::run_main([&](int argc, char** argv) { return run_program(programs, argc, argv); }, words);
}

TEST(RunProgram, GoesByTheBaseNameOfItsOwnName) {
  EXPECT_EQ(run(kPrograms, {"svstat", "a"}).out, "svstat a");
  const test::Ran ran = run(kPrograms, {"/usr/local/bin/svstat", "a", "b"});
  EXPECT_EQ(ran.out, "/usr/local/bin/svstat a b");
  EXPECT_EQ(ran.code, 7);
}

TEST(RunProgram, TheExecutablesOwnNameTakesTheProgramAsAWord) {
  EXPECT_EQ(run(kPrograms, {"/x/kindred-daemontools", "svstat", "a"}).out, "svstat a");
}

TEST(RunProgram, ListsItsPrograms) {
  const test::Ran ran = run(kPrograms, {"kindred-daemontools", "--list"});
  EXPECT_EQ(ran.out, "svstat  show services\nhungry  use all memory\nodd     fail\n");
  EXPECT_EQ(ran.code, 0);
}

TEST(RunProgram, AnUnknownNameIsUsage) {
  const test::Ran none = run(kPrograms, {"kindred-daemontools"});
  EXPECT_EQ(none.code, 100);
  EXPECT_EQ(none.err, "usage: kindred-daemontools PROGRAM [ARGUMENT...] | --list\n");
  const test::Ran wrong = run(kPrograms, {"kindred-daemontools", "sv"});
  EXPECT_EQ(wrong.code, 100);
  EXPECT_EQ(
      wrong.err,
      "kindred-daemontools: no program sv here\nusage: kindred-daemontools PROGRAM [ARGUMENT...] | --list\n");
  EXPECT_EQ(run(kPrograms, {"web"}).code, 100);
  EXPECT_EQ(run(kPrograms, {""}).code, 100);
  EXPECT_EQ(run(kPrograms, {}).code, 100);
}

TEST(RunProgram, AProgramMayServeEveryOtherName) {
  EXPECT_EQ(run(kWithInitScript, {"/etc/init.d/web", "start"}).out, "/etc/init.d/web start");
  EXPECT_EQ(run(kWithInitScript, {"kindred-runit", "web"}).code, 100);
}

TEST(RunProgram, AnExceptionEndsAsAFatalLine) {
  EXPECT_EQ(run(kPrograms, {"hungry"}).err, "hungry: fatal: out of memory\n");
  const test::Ran ran = run(kPrograms, {"odd"});
  EXPECT_EQ(ran.err, "odd: fatal: lost the thread\n");
  EXPECT_EQ(ran.code, 111);
}

TEST(BaseName, IsWhatFollowsTheLastSlash) {
  EXPECT_EQ(base_name("svc"), "svc");
  EXPECT_EQ(base_name("/a/b/svc"), "svc");
  EXPECT_EQ(base_name("a/"), "");
  EXPECT_EQ(base_name(nullptr), "");
}

}  // namespace
}  // namespace kindred
