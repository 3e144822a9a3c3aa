#include "core/chain/env_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using Changes = std::vector<VariableChange>;

class EnvDirectory : public ::testing::Test {
 protected:
  [[nodiscard]] Changes changes() const {
    const auto read = read_env_directory(root_.path().c_str());
    EXPECT_TRUE(read) << read.error().operation << " " << read.error().object;
    return read ? *read : Changes{};
  }
  /// The error's code, after a look at what it is about.
  [[nodiscard]] int refusal(const std::string& object) const {
    const auto read = read_env_directory(root_.path().c_str());
    EXPECT_FALSE(read);
    if (read) return 0;
    EXPECT_EQ(read.error().operation, "read");
    EXPECT_EQ(read.error().object, root_.path(object));
    return read.error().code;
  }
  test::TestDirectory root_;
};

TEST_F(EnvDirectory, EveryFileIsAVariable) {
  root_.write("B", "two\n");
  root_.write("A", "");
  root_.write(".hidden", "x");
  EXPECT_EQ(changes(), (Changes{{"A", std::nullopt}, {"B", "two"}}));
}

TEST_F(EnvDirectory, LinksAreFollowed) {
  root_.write(".data", "linked\n");
  ASSERT_EQ(::symlink(".data", root_.path("A").c_str()), 0);
  ASSERT_EQ(::symlink("/dev/null", root_.path("B").c_str()), 0);
  EXPECT_EQ(changes(), (Changes{{"A", "linked"}, {"B", std::nullopt}}));
}

TEST_F(EnvDirectory, ALinkThatLeadsNowhereIsAnErrorAndNotTheValueOfAnotherFile) {
  root_.write("A", "secret");
  ASSERT_EQ(::symlink("missing", root_.path("B").c_str()), 0);
  EXPECT_EQ(refusal("B"), ENOENT);
}

TEST_F(EnvDirectory, WhatIsNoFileIsAnError) {
  root_.make_directory("SUB");
  EXPECT_EQ(refusal("SUB"), EISDIR);
  const auto missing = read_env_directory(root_.path("none").c_str());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
}

TEST_F(EnvDirectory, ANulThatStaysOneIsRefused) {
  const auto read = read_env_directory(root_.path().c_str(), {.value = {.nul_becomes = '\0'}});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, EINVAL);
}

TEST_F(EnvDirectory, AFifoThatNobodyWritesToStopsNobody) {
  ASSERT_EQ(::mkfifo(root_.path("A").c_str(), 0600), 0);
  EXPECT_EQ(changes(), (Changes{{"A", std::nullopt}}));
}

TEST_F(EnvDirectory, OnlyTheFirstLineIsRead) {
  const std::string much(1 << 20, 'x');
  root_.write("A", "first\n" + much);
  EXPECT_EQ(changes(), (Changes{{"A", "first"}}));
  root_.write("B", much);
  EXPECT_EQ(refusal("B"), E2BIG);
}

TEST_F(EnvDirectory, AWholeFileIsNotCut) {
  root_.write("A", "first\n" + std::string(1 << 20, 'x'));
  const auto read = read_env_directory(root_.path().c_str(), {.value = {.whole_file = true}});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, E2BIG);
  EXPECT_TRUE(read_env_directory(root_.path().c_str(), {.value = {.whole_file = true, .most = 4095}}));
}

TEST_F(EnvDirectory, SpecialFilesArePassedOverAndNamedWhereTheRulesSaySo) {
  root_.write("A", "1");
  ASSERT_EQ(::mkfifo(root_.path("B").c_str(), 0600), 0);
  std::vector<std::string> passed_over;
  const auto read = read_env_directory(root_.path().c_str(), {.skips_special = true}, &passed_over);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (Changes{{"A", "1"}}));
  EXPECT_EQ(passed_over, std::vector<std::string>{root_.path("B")});
}

TEST_F(EnvDirectory, OneThatCannotBeOpenedMayBeAnEmptyOne) {
  root_.write("A", "1");
  EXPECT_TRUE(read_env_directory(root_.path("A").c_str(), {.unopened_is_empty = true}));
  EXPECT_FALSE(read_env_directory(root_.path("A").c_str(), {.missing_is_empty = true}));
}

}  // namespace
}  // namespace kindred
