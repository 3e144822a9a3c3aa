#include <gtest/gtest.h>

#include "compat-runit/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred::runit {
namespace {

using test::Ran;
namespace fs = std::filesystem;

class RunsvchdirTest : public ::testing::Test {
 protected:
  RunsvchdirTest() {
    for (const char* name : {"default", "single"}) fs::create_directory(at(name));
    fs::create_symlink("default", at("current"));
  }
  [[nodiscard]] fs::path at(const char* name) const { return root_.path(name); }
  [[nodiscard]] Ran to(const char* directory) const {
    return test::run_main([&](int, char**) { return change_directory(root_.path().c_str(), directory); },
                          {"x"});
  }
  test::TestDirectory root_;
};

TEST_F(RunsvchdirTest, SwitchesCurrentAndRemembersThePrevious) {
  const Ran ran = to("single");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "runsvchdir: single: now current.\n");
  EXPECT_EQ(fs::read_symlink(at("current")), "single");
  EXPECT_EQ(fs::read_symlink(at("previous")), "default");
  EXPECT_FALSE(fs::exists(fs::symlink_status(at("current.new"))));
  EXPECT_EQ(to("default").code, 0);
  EXPECT_EQ(fs::read_symlink(at("current")), "default");
  EXPECT_EQ(fs::read_symlink(at("previous")), "single");
}

TEST_F(RunsvchdirTest, WhatIsCurrentStays) {
  const Ran ran = to(root_.path("default").c_str());
  EXPECT_EQ(ran.out, "runsvchdir: " + root_.path("default") + ": current.\n");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(fs::read_symlink(at("current")), "default");
  EXPECT_FALSE(fs::exists(fs::symlink_status(at("previous"))));
}

TEST_F(RunsvchdirTest, ALeftoverOfAnEarlierTryIsInNobodysWay) {
  fs::create_symlink("nowhere", at("current.new"));
  fs::create_symlink("nowhere", at("previous"));
  EXPECT_EQ(to("single").code, 0);
  EXPECT_EQ(fs::read_symlink(at("current")), "single");
}

TEST_F(RunsvchdirTest, RefusesWhatIsNoDirectoryAndLeavesAllAsItWas) {
  test::write_file(at("plain"), "");
  EXPECT_EQ(to("plain").err, "runsvchdir: fatal: plainnot a directory.\n");  // as the original puts it
  const Ran none = to("none");
  EXPECT_EQ(none.err, "runsvchdir: fatal: none: file does not exist\n");
  EXPECT_EQ(none.code, 111);
  EXPECT_EQ(to(".hidden").err, "runsvchdir: fatal: .hidden: must not start with a dot.\n");
  EXPECT_EQ(fs::read_symlink(at("current")), "default");
  fs::remove(at("current"));
  const Ran without = to("single");
  EXPECT_EQ(without.err, "runsvchdir: fatal: unable to stat: current: file does not exist\n");
  EXPECT_EQ(without.code, 111);
}

TEST(Runsvchdir, WithoutADirectoryItIsUsage) {
  const Ran ran = test::run_main(runsvchdir_main, {"runsvchdir"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "usage: runsvchdir dir\n\n");
}

}  // namespace
}  // namespace kindred::runit
