#include "core/sys/directory_shape.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

/// Two families that nobody has.
DirectoryShape shape_of_it(const TestDirectory& dir) {
  static const Dialect kPlain = [] {
    Dialect d;
    d.scripts = {"run", "finish"};
    d.marks = {"ready-fd", "control/", "data/", "supervise@"};
    d.ready_mark = "ready-fd";
    return d;
  }();
  static const Dialect kBundles = [] {
    Dialect d;
    d.scripts = {"inner/run", "inner/start"};
    d.marks = {"log*", "log/", "run"};
    return d;
  }();
  static const Dialect* const kFamilies[] = {&kPlain, &kBundles};
  return shape_of(dir.fd(), kFamilies);
}

TEST(ShapeOf, SeesFilesByTheirNames) {
  TestDirectory dir;
  EXPECT_FALSE(shape_of_it(dir).has("run") || shape_of_it(dir).has_script);
  for (const char* name : {"run", "ready-fd", "runner", "log*", "fin"}) dir.write(name, "");
  const DirectoryShape shape = shape_of_it(dir);
  EXPECT_TRUE(shape.has("run") && shape.has("ready-fd") && shape.has_script && shape.tells_ready);
  EXPECT_FALSE(shape.log || shape.has_any({"finish", "log*", "log/", "supervise@", "runner"}));
}

TEST(ShapeOf, TellsDirectoriesFromFiles) {
  TestDirectory dir;
  dir.write("control", "");
  dir.make_directory("data");
  const DirectoryShape shape = shape_of_it(dir);
  EXPECT_FALSE(shape.has("control/") || shape.has_script);
  EXPECT_TRUE(shape.has("data/"));
}

TEST(ShapeOf, ADirectoryOfServicesHasNoScriptsInIt) {
  TestDirectory dir;
  dir.make_directory("inner");
  dir.make_directory("inner/run");
  EXPECT_FALSE(shape_of_it(dir).has_in("inner"));
  dir.write("inner/start", "");
  const DirectoryShape shape = shape_of_it(dir);
  EXPECT_TRUE(shape.has_in("inner") && shape.has("inner/start") && shape.has_script);
  EXPECT_FALSE(shape.has_in("inne") || shape.has("inner/run"));
}

TEST(ShapeOf, FollowsLinksAndDropsThoseThatLeadNowhere) {
  TestDirectory dir;
  dir.make_directory("elsewhere");
  ASSERT_EQ(::symlink("elsewhere", dir.path("log").c_str()), 0);
  ASSERT_EQ(::symlink("nowhere", dir.path("run").c_str()), 0);
  ASSERT_EQ(::symlink("nowhere", dir.path("supervise").c_str()), 0);
  const DirectoryShape shape = shape_of_it(dir);
  EXPECT_TRUE(shape.log && shape.has("log/"));
  EXPECT_FALSE(shape.has("run"));
  EXPECT_TRUE(shape.has("supervise@"));
}

TEST(ShapeOf, TakesALogForAScriptIfItsOwnerMayExecuteIt) {
  TestDirectory dir;
  dir.write("log", "");
  ASSERT_EQ(::chmod(dir.path("log").c_str(), 0644), 0);
  EXPECT_FALSE(shape_of_it(dir).has("log*"));
  ASSERT_EQ(::chmod(dir.path("log").c_str(), 0744), 0);
  EXPECT_TRUE(shape_of_it(dir).has("log*"));
}

TEST(ShapeOf, SeesTheStickyBitOfTheDirectoryItself) {
  TestDirectory dir;
  EXPECT_FALSE(shape_of_it(dir).sticky);
  ASSERT_EQ(::chmod(dir.path(".").c_str(), 01755), 0);
  EXPECT_TRUE(shape_of_it(dir).sticky);
}

TEST(ShapeOf, LooksAnewEachTimeThroughMoreEntriesThanOneReadHolds) {
  TestDirectory dir;
  for (int i = 0; i < 200; ++i) dir.write("a-name-that-takes-room-" + std::to_string(i), "");
  EXPECT_FALSE(shape_of_it(dir).has("finish"));
  dir.write("finish", "");
  EXPECT_TRUE(shape_of_it(dir).has("finish"));
}

}  // namespace
}  // namespace kindred
