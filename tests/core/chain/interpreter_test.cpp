#include "core/chain/interpreter.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/cli/output.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

// What only this process remembers: where a tool is executed, it begins anew.
int turns_in_this_process = 0;

ChainTurn go_on(const ChainCall& call) {
  if (call.words.size() < 2) return ChainTurn::ends(turns_in_this_process);
  return {ChainProgram(call.words.subspan(1)), 0};
}

/// count PROGRAM...; without a program, the exit code is the number of turns.
ChainTurn count(const ChainCall& call) {
  ++turns_in_this_process;
  return go_on(call);
}

/// path VALUE PROGRAM...
ChainTurn path(const ChainCall& call) {
  ++turns_in_this_process;
  call.interpreter.state().change({"PATH", call.words[1]});
  return {ChainProgram(call.words.subspan(2)), 0};
}

/// child PROGRAM...: the exit code is the child's; 99 for none.
ChainTurn child(const ChainCall& call) {
  const auto pid = call.interpreter.start(ChainProgram(call.words.subspan(1)));
  if (!pid) return ChainTurn::ends(99);
  int status = 0;
  waitpid(*pid, &status, 0);
  return ChainTurn::ends(WEXITSTATUS(status));
}

/// round N PROGRAM: N words of a page each are made before the program's turn.
ChainTurn round(const ChainCall& call) {
  ++turns_in_this_process;
  constexpr std::size_t kPage = 4096;
  for (int i = std::stoi(call.words[1]); i > 0; --i) {
    static_cast<void>(call.interpreter.keep(std::string(kPage, 'x')));
  }
  return {ChainProgram(call.words.subspan(2)), 0};
}

constexpr ChainTool row(const char* name, decltype(ChainTool::turn) turn) {
  return {name, "usage", nullptr, "", 100, nullptr, turn};
}
constexpr ChainTool kTools[] = {row("count", count), row("path", path), row("child", child),
                                row("round", round)};
constexpr ChainVoice kVoice{.not_found_code = 127, .not_executable_code = 126};

class Interpreter : public ::testing::Test {
 protected:
  /// A directory in which each tool is, as our own executable, and one of scripts of these names.
  Interpreter() {
    root_.make_directory("bin");
    root_.make_directory("decoy");
    for (const ChainTool& tool : kTools) {
      EXPECT_EQ(symlink("/proc/self/exe", root_.path(std::string("bin/") + tool.name).c_str()), 0);
      root_.write_script(std::string("decoy/") + tool.name, "echo decoy; exit 77\n");
    }
  }

  [[nodiscard]] test::Ran run(const std::vector<std::string>& words, const std::string& path) const {
    return test::run_main(
        [&](int argc, char** argv) {
          turns_in_this_process = 0;
          const std::string variable = "PATH=" + path;
          // Our own executable, if it is executed, must not run these tests again.
          const char* const environment[] = {variable.c_str(), "GTEST_FILTER=None.*", nullptr};
          ChainInterpreter interpreter(kTools, kVoice, environment);
          interpreter.state().environment_changed = true;
          const ChainTool* const first = interpreter.tool_named(argv[0]);
          return interpreter.run(*first, {argv, static_cast<std::size_t>(argc)});
        },
        words);
  }
  [[nodiscard]] std::string bin() const { return root_.path("bin"); }
  [[nodiscard]] std::string decoy() const { return root_.path("decoy"); }

  test::TestDirectory root_;
};

TEST_F(Interpreter, ToolsThatPathLeadsToRunInOneProcess) {
  EXPECT_EQ(run({"count", "count", "count"}, bin()).code, 3);
  EXPECT_EQ(run({"count", bin() + "/count", "count"}, bin()).code, 3);
  EXPECT_EQ(run({"count", "count"}, "/nowhere::" + bin()).code, 2);
}

TEST_F(Interpreter, WhatPathLeadsToInsteadIsExecuted) {
  const test::Ran ran = run({"count", "count"}, decoy() + ":" + bin());
  EXPECT_EQ(ran.out, "decoy\n");
  EXPECT_EQ(ran.code, 77);
  EXPECT_EQ(run({"count", "count"}, "/nowhere").code, 127);
}

TEST_F(Interpreter, AToolLooksInThePathThatItWouldHaveHad) {
  EXPECT_EQ(run({"path", decoy(), "count"}, bin()).code, 2);
  EXPECT_EQ(run({"path", decoy(), "count", "count"}, bin()).code, 77);
}

TEST_F(Interpreter, AChildRunsToolsAndPrograms) {
  EXPECT_EQ(run({"child", "count", "count"}, bin()).code, 2);
  EXPECT_EQ(run({"child", "sh", "-c", "exit 5"}, "/bin").code, 5);
  EXPECT_EQ(run({"child", "nothing-of-this-name"}, bin()).code, 99);
}

TEST_F(Interpreter, ChildrenInChildrenDoNotFillTheStack) {
  std::vector<std::string> words(10, "child");
  words.emplace_back("count");
  EXPECT_EQ(run(words, bin()).code, 1);
  // Deeper, they are executed, and here that is this test program.
  words.insert(words.begin(), 10, "child");
  EXPECT_EQ(run(words, bin()).code, 0);
}

TEST_F(Interpreter, AChainThatHasMadeManyWordsBeginsAnew) {
  EXPECT_EQ(run({"round", "10", "count"}, bin()).code, 2);
  EXPECT_EQ(run({"round", "300", "count"}, bin()).code, 0);
}

TEST_F(Interpreter, ADescriptorIsMovedForAChildAndAnotherClosed) {
  const test::Ran ran = test::run_main(
      [&](int, char**) {
        const char* const environment[] = {"PATH=/bin:/usr/bin", nullptr};
        ChainInterpreter interpreter({}, kVoice, environment);
        std::array<int, 2> ends;
        if (pipe(ends.data()) != 0) return 1;
        std::string script = "echo told; [ ! -e /proc/self/fd/" + std::to_string(ends[0]) +
                             " ] && [ ! -e /proc/self/fd/" + std::to_string(ends[1]) + " ] && echo closed";
        char shell[] = "sh", option[] = "-c";
        char* const words[] = {shell, option, script.data()};
        const int closed[] = {ends[0]};
        const auto pid = interpreter.start(ChainProgram(words), {.from = ends[1], .to = 1, .closed = closed});
        close(ends[1]);
        if (!pid) return 2;
        std::array<char, 64> text{};
        ssize_t size = 0;
        for (ssize_t more = 1; more > 0; size += more)
          more = read(ends[0], text.data() + size, text.size() - static_cast<std::size_t>(size));
        waitpid(*pid, nullptr, 0);
        return write(1, text.data(), static_cast<std::size_t>(size)) == size ? 0 : 3;
      },
      {"test"});
  EXPECT_EQ(ran.out, "told\nclosed\n");
  EXPECT_EQ(ran.code, 0);
}

TEST_F(Interpreter, WhatAChildBlocksIsTheFamilysWay) {
  const auto child_blocks = [](bool nothing, bool detached) {
    return test::run_main(
               [=](int, char**) {
                 sigset_t blocked;
                 sigemptyset(&blocked);
                 sigaddset(&blocked, SIGUSR1);
                 sigprocmask(SIG_SETMASK, &blocked, nullptr);
                 const char* const environment[] = {"PATH=/bin:/usr/bin", nullptr};
                 const ChainVoice voice{.children_block_nothing = nothing};
                 ChainInterpreter interpreter({}, voice, environment);
                 char program[] = "grep", pattern[] = "SigBlk", file[] = "/proc/self/status";
                 char* const words[] = {program, pattern, file};
                 const ChainProgram shows(words);
                 prctl(PR_SET_CHILD_SUBREAPER, 1);
                 const auto pid = detached ? interpreter.start_detached(shows) : interpreter.start(shows);
                 return pid && waitpid(*pid, nullptr, 0) == *pid ? 0 : 1;
               },
               {"test"})
        .out;
  };
  const std::string none = "SigBlk:\t0000000000000000\n", one = "SigBlk:\t0000000000000200\n";
  EXPECT_EQ(child_blocks(true, false), none);
  EXPECT_EQ(child_blocks(true, true), one);
  EXPECT_EQ(child_blocks(false, false), one);
}

TEST_F(Interpreter, ADetachedChildIsNobodysHere) {
  const test::Ran ran = test::run_main(
      [&](int, char**) {
        const char* const environment[] = {"PATH=/bin:/usr/bin", nullptr};
        ChainInterpreter interpreter({}, kVoice, environment);
        char program[] = "true", missing[] = "nothing-of-this-name";
        char* const words[] = {program};
        char* const no_words[] = {missing};
        const auto pid = interpreter.start_detached(ChainProgram(words));
        const auto none = interpreter.start_detached(ChainProgram(no_words));
        const bool is_child = waitpid(-1, nullptr, 0) != -1 || errno != ECHILD;
        return pid && *pid > 0 && !none && none.error().code == ENOENT && !is_child ? 0 : 1;
      },
      {"test"});
  EXPECT_EQ(ran.code, 0);
}

}  // namespace
}  // namespace kindred
