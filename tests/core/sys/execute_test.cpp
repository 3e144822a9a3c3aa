#include "core/sys/execute.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

/// The exit code of `file` found in `path`; that of a failure is the errno and 128.
int run(const std::string& path, std::string file) {
  const pid_t pid = fork();
  if (pid == 0) {
    setenv("PATH", path.c_str(), 1);
    char* const argv[] = {file.data(), nullptr};
    _exit(128 + execute(file.c_str(), argv));
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

class Execute : public ::testing::Test {
 protected:
  /// A program that exits with `code`.
  void program(const std::string& name, int code, mode_t mode = 0755) const {
    std::ofstream(root_.path(name)) << "#!/bin/sh\nexit " << code << "\n";
    chmod(root_.path(name).c_str(), mode);
  }
  test::TestDirectory root_;
};

TEST_F(Execute, TheFirstThatMayBeExecutedIsTaken) {
  for (const char* name : {"a", "b"}) ASSERT_EQ(mkdir(root_.path(name).c_str(), 0755), 0);
  program("a/tool", 1, 0644);
  program("b/tool", 2);
  const std::string a = root_.path("a"), b = root_.path("b");
  EXPECT_EQ(run(a + ":" + b, "tool"), 2);
  EXPECT_EQ(run(root_.path("none") + ":" + b + ":" + a, "tool"), 2);
  EXPECT_EQ(run(a, "tool"), 128 + EACCES);
  EXPECT_EQ(run(a + ":" + root_.path("none"), "tool"), 128 + EACCES);
  EXPECT_EQ(run(b, "other"), 128 + ENOENT);
  EXPECT_EQ(run(b, ""), 128 + ENOENT);
}

TEST_F(Execute, ASlashMakesItAPath) {
  program("tool", 3);
  EXPECT_EQ(run("/nowhere", root_.path("tool")), 3);
}

TEST_F(Execute, NoShellIsTriedForWhatTheKernelDoesNotKnow) {
  std::ofstream(root_.path("text")) << "exit 4\n";
  chmod(root_.path("text").c_str(), 0755);
  EXPECT_EQ(run("/nowhere", root_.path("text")), 128 + ENOEXEC);
}

/// As above, by rules.
int run_by(const SearchRules& rules, std::optional<std::string> path, std::string file) {
  const pid_t pid = fork();
  if (pid == 0) {
    char* const argv[] = {file.data(), nullptr};
    char* const environment[] = {nullptr};
    const auto view = path ? std::optional<std::string_view>(*path) : std::nullopt;
    _exit(128 + execute(file.c_str(), argv, environment, view, rules));
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

TEST_F(Execute, TheRulesSayWhatAnElementIs) {
  const SearchRules here, nowhere{.empty_is_here = false};
  program("tool", 5);
  const std::string file = root_.path("tool");
  ASSERT_EQ(chdir(root_.path().c_str()), 0);
  EXPECT_EQ(run_by(here, "/nowhere::", "tool"), 5);
  EXPECT_EQ(run_by(nowhere, "/nowhere::", "tool"), 128 + ENOENT);
  EXPECT_EQ(run_by({.empty_is_here = false, .no_element = ENOTDIR}, "/nowhere::", "tool"), 128 + ENOENT);
  for (const char* const empty : {"", ":", "::"}) {
    EXPECT_EQ(run_by(nowhere, empty, "tool"), 128 + ENOENT);
    EXPECT_EQ(run_by({.empty_is_here = false, .no_element = ENOTDIR}, empty, "tool"), 128 + ENOTDIR);
    EXPECT_EQ(run_by({.empty_is_here = false, .no_element = ENOTDIR}, empty, file), 5);
  }
  EXPECT_EQ(run_by(here, file + ":" + root_.path(), "tool"), 128 + ENOTDIR);
  EXPECT_EQ(run_by({.passes_over_files = true}, file + ":" + root_.path(), "tool"), 5);
  EXPECT_EQ(run_by({.passes_over_files = true}, file, "tool"), 128 + ENOTDIR);
  EXPECT_EQ(run_by({.default_path = "."}, std::nullopt, "tool"), 5);
  EXPECT_EQ(run_by({.seeks_empty_name = true}, root_.path(), ""), 128 + EACCES);
}

}  // namespace
}  // namespace kindred
