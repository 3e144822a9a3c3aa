#include "core/sys/directory_shape.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

TEST(ShapeOf, SeesFilesByTheirNames) {
  TestDirectory dir;
  EXPECT_FALSE(shape_of(dir.fd()).run);
  for (const char* name : {"run", "no-setsid", "notification-fd", "rc.main", "runner"}) dir.write(name, "");
  const DirectoryShape shape = shape_of(dir.fd());
  EXPECT_TRUE(shape.run && shape.no_setsid && shape.notification_fd && shape.rc_main);
  EXPECT_FALSE(shape.log || shape.finish || shape.start || shape.rc_log || shape.type_file ||
               shape.supervise_link);
}

TEST(ShapeOf, TellsDirectoriesFromFiles) {
  TestDirectory dir;
  dir.write("control", "");
  dir.make_directory("data");
  dir.make_directory("event");
  const DirectoryShape shape = shape_of(dir.fd());
  EXPECT_FALSE(shape.control_dir);
  EXPECT_TRUE(shape.data_dir && shape.event_dir);
}

TEST(ShapeOf, ADirectoryOfServicesIsNoBundlesService) {
  TestDirectory dir;
  dir.make_directory("service");
  dir.make_directory("service/run");
  EXPECT_FALSE(shape_of(dir.fd()).service_dir);
  dir.write("service/start", "");
  EXPECT_TRUE(shape_of(dir.fd()).service_dir);
}

TEST(ShapeOf, FollowsLinksAndDropsThoseThatLeadNowhere) {
  TestDirectory dir;
  dir.make_directory("elsewhere");
  ASSERT_EQ(::symlink("elsewhere", dir.path("log").c_str()), 0);
  ASSERT_EQ(::symlink("nowhere", dir.path("run").c_str()), 0);
  ASSERT_EQ(::symlink("nowhere", dir.path("supervise").c_str()), 0);
  const DirectoryShape shape = shape_of(dir.fd());
  EXPECT_TRUE(shape.log && shape.log_dir);
  EXPECT_FALSE(shape.run);
  EXPECT_TRUE(shape.supervise_link);
}

TEST(ShapeOf, TakesALogForAScriptIfItsOwnerMayExecuteIt) {
  TestDirectory dir;
  dir.write("log", "");
  ASSERT_EQ(::chmod(dir.path("log").c_str(), 0644), 0);
  EXPECT_FALSE(shape_of(dir.fd()).log_executable);
  ASSERT_EQ(::chmod(dir.path("log").c_str(), 0744), 0);
  EXPECT_TRUE(shape_of(dir.fd()).log_executable);
}

TEST(ShapeOf, SeesTheStickyBitOfTheDirectoryItself) {
  TestDirectory dir;
  EXPECT_FALSE(shape_of(dir.fd()).sticky);
  ASSERT_EQ(::chmod(dir.path(".").c_str(), 01755), 0);
  EXPECT_TRUE(shape_of(dir.fd()).sticky);
}

TEST(ShapeOf, LooksAnewEachTimeThroughMoreEntriesThanOneReadHolds) {
  TestDirectory dir;
  for (int i = 0; i < 200; ++i) dir.write("a-name-that-takes-room-" + std::to_string(i), "");
  EXPECT_FALSE(shape_of(dir.fd()).finish);
  dir.write("finish", "");
  EXPECT_TRUE(shape_of(dir.fd()).finish);
}

}  // namespace
}  // namespace kindred
