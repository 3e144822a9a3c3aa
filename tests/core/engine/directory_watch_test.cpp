#include "core/engine/directory_watch.h"

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

TEST(DirectoryWatch, NoticesWhatComesAndGoesAndNothingElse) {
  TestDirectory dir;
  dir.make_directory("scan");
  DirectoryWatch watch;
  ASSERT_TRUE(watch.watch(dir.path("scan")));
  EXPECT_FALSE(watch.changed());
  dir.make_directory("unrelated");
  EXPECT_FALSE(watch.changed());
  dir.make_directory("scan/web");
  EXPECT_TRUE(watch.changed());
  dir.write("scan/web/run", "");
  EXPECT_FALSE(watch.changed()) << "what happens inside a service is no business of the scanner";
  ::rmdir(dir.path("scan/web").c_str());
  ::rename(dir.path("scan/web").c_str(), dir.path("scan/www").c_str());
  EXPECT_TRUE(watch.changed());
}

TEST(DirectoryWatch, NoticesThatALinkOnTheWayIsSwitched) {
  TestDirectory dir;
  dir.make_directory("default");
  dir.make_directory("single");
  ASSERT_EQ(::symlink("default", dir.path("current").c_str()), 0);
  ASSERT_EQ(::symlink("current", dir.path("service").c_str()), 0);
  DirectoryWatch watch;
  ASSERT_TRUE(watch.watch(dir.path("service")));
  ASSERT_EQ(::symlink("single", dir.path("current.new").c_str()), 0);
  EXPECT_FALSE(watch.changed());
  ASSERT_EQ(::rename(dir.path("current.new").c_str(), dir.path("current").c_str()), 0);
  EXPECT_TRUE(watch.changed());
}

TEST(DirectoryWatch, WaitsForADirectoryThatIsNotThereYet) {
  TestDirectory dir;
  DirectoryWatch watch;
  ASSERT_TRUE(watch.watch(dir.path("later/service")));
  EXPECT_FALSE(watch.changed());
  dir.make_directory("later");
  EXPECT_TRUE(watch.changed());
  ASSERT_TRUE(watch.watch(dir.path("later/service")));
  dir.make_directory("later/service");
  EXPECT_TRUE(watch.changed());
}

TEST(DirectoryWatch, EndsOnALinkThatLeadsToItself) {
  TestDirectory dir;
  ASSERT_EQ(::symlink("loop", dir.path("loop").c_str()), 0);
  DirectoryWatch watch;
  EXPECT_TRUE(watch.watch(dir.path("loop")));
}

}  // namespace
}  // namespace kindred
