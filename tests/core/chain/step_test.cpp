// What single steps do, where no recorded case says it.

#include "core/chain/step.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>

#include "core/chain/text_file.h"
#include "core/sys/record_lock.h"
#include "tests/core/temporary_directory.h"
#include "tests/core/wait_until.h"

namespace kindred {
namespace {

const char* const kNothing[] = {nullptr};

ProcessState new_state(const char* const* environment = kNothing) {
  ProcessState state(environment);
  state.speaker = "tool";
  return state;
}

/// In a process of its own: whether `so` holds there.
bool in_child(const std::function<bool()>& so) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(so() ? 0 : 1);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Step, TheEnvironmentIsReplacedByWhatAFileSays) {
  const test::TestDirectory root;
  root.write("f", "# none\n A = 1 \nB=\nKEPT\n=x\n");
  const char* const before[] = {"OLD=1", "KEPT=2", nullptr};
  ProcessState state = new_state(before);
  ASSERT_TRUE(apply(SetEnvironment{}, state));
  ASSERT_TRUE(apply(ReadVariables{root.path("f"), 100}, state));
  EXPECT_EQ(state.environment.entries(), (std::vector<std::string>{"A=1", "B="}));
}

TEST(Step, TheEmptyFilesOfADirectoryRemoveVariables) {
  const test::TestDirectory root;
  root.write("GONE", "");
  root.write("BLANK", " \t\nx");
  root.write("SET", "  a\\tb\\_ \nsecond");
  root.write(".HIDDEN", "x");
  root.write("ODD=NAME", "x");
  const char* const before[] = {"GONE=1", "BLANK=2", "STAYS=3", nullptr};
  ProcessState state = new_state(before);
  ASSERT_TRUE(apply(ReadVariables{root.path(), 100}, state));
  EXPECT_EQ(state.environment.entries(), (std::vector<std::string>{"STAYS=3", "SET=a\tb "}));
}

TEST(Step, WhatIsNeitherFileNorDirectoryIsNotWaitedFor) {
  const test::TestDirectory root;
  ASSERT_EQ(::mkfifo(root.path("fifo").c_str(), 0600), 0);
  ProcessState state = new_state();
  EXPECT_FALSE(apply(ReadVariables{root.path("fifo"), 100}, state));
  EXPECT_EQ(state.failure_code, 100);
}

TEST(Step, NoWordHasANulByteInIt) {
  const test::TestDirectory root;
  root.write("f", std::string("a\0b\n", 4));
  ProcessState state = new_state();
  const Status done = apply(ReadWords{root.path("f")}, state);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, 0);
}

TEST(Step, APauseEndsWithTimeOrWithAlarm) {
  EXPECT_TRUE(in_child([] {
    ProcessState state = new_state();
    return static_cast<bool>(apply(Pause{1}, state));
  }));
  const pid_t pid = ::fork();
  if (pid == 0) {
    ProcessState state = new_state();
    static_cast<void>(apply(Pause{0}, state));
    struct sigaction now {};
    ::sigaction(SIGALRM, nullptr, &now);
    ::_exit(now.sa_handler == SIG_DFL ? 7 : 8);
  }
  EXPECT_TRUE(test::wait_until([&] {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);)
      if (line.starts_with("SigCgt:"))
        return (std::stoull(line.substr(8), nullptr, 16) >> (SIGALRM - 1) & 1) != 0;
    return false;
  }));
  ::kill(pid, SIGALRM);
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(Step, ALockHasItsModeAndTellsItsHolder) {
  const test::TestDirectory root;
  const HoldRecordLock lock{root.path("l"), false, 0, 0644, true, true, std::nullopt, false};
  EXPECT_TRUE(in_child([&] {
    ::umask(077);
    ProcessState state = new_state();
    if (!apply(lock, state)) return false;
    const std::string holder = std::to_string(::getpid()) + "\n";
    // Who holds such a lock loses it by closing the file, however it was opened: another one looks.
    return in_child([&] {
      if (root.read("l") != holder) return false;
      ProcessState other = new_state();
      const Status held = apply(lock, other);
      if (held || held.error().code != EAGAIN || other.failure_code) return false;
      return apply(TellRecordLock{root.path("l"), true}, other) && other.ended == 1;
    });
  }));
  EXPECT_EQ(root.look("l").st_mode & 0777, 0644U);
  ProcessState state = new_state();
  EXPECT_TRUE(apply(TellRecordLock{root.path("l"), true}, state));
  EXPECT_EQ(state.ended, 0);
}

TEST(Step, WhoIsUnknownIsNamedWithTheCode) {
  ProcessState state = new_state();
  FindIdentity who{"no-such-user"};
  who.unknown_code = 100;
  const Status done = apply(who, state);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().operation + " " + done.error().object, "unknown account no-such-user");
  EXPECT_EQ(state.failure_code, 100);
  who = FindIdentity{"root", "no-such-group"};
  EXPECT_FALSE(apply(who, state));
}

TEST(Step, GroupsComeOnceAndTheProcessOwnFirst) {
  ProcessState state = new_state();
  FindIdentity who{"root"};
  who.group = "daemon";
  who.more_groups = {"root", "daemon", "root"};
  ASSERT_TRUE(apply(who, state));
  EXPECT_EQ(state.identity->groups, (std::vector<gid_t>{1, 0}));
}

TEST(Step, WhoIsNotRootIsRefused) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can become another";
  EXPECT_TRUE(in_child([] {
    ProcessState state = new_state();
    if (!apply(RequireRoot{100}, state)) return false;
    if (!apply(FindIdentity{"daemon"}, state) || !apply(BecomeFound{"daemon"}, state)) return false;
    if (::setuid(0) != -1) return false;
    return !apply(RequireRoot{100}, state) && state.failure_code == 100 &&
           !apply(BecomeFound{"daemon"}, state);
  }));
}

TEST(Step, DescriptorsAreOpenedAndMoved) {
  const test::TestDirectory root;
  EXPECT_TRUE(in_child([&] {
    ProcessState state = new_state();
    if (!apply(OpenDescriptor{7, root.path("f"), O_WRONLY | O_CREAT, 0600}, state)) return false;
    if (!apply(MoveDescriptor{8, 7, true}, state) || !apply(MoveDescriptor{9, 7}, state)) return false;
    return ::write(8, "a", 1) == 1 && ::write(9, "b", 1) == 1 && ::write(7, "c", 1) == -1;
  }));
  EXPECT_EQ(root.read("f"), "ab");
}

TEST(Unescape, KnowsFourAndLeavesTheRest) {
  EXPECT_EQ(unescape("\\\\n\\n\\t\\_\\q\\"), "\\n\n\t \\q\\");
  EXPECT_EQ(unescape(""), "");
}

TEST(TextLines, SaySomethingWithoutBlanks) {
  EXPECT_EQ(text_lines(" a b \n\n\t# c\n#\n\r\n-x"), (std::vector<std::string_view>{"a b", "-x"}));
}

}  // namespace
}  // namespace kindred
