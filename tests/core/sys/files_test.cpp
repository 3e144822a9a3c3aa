#include "core/sys/files.h"

#include <gtest/gtest.h>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

ByteView bytes(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

TEST(ReplaceFile, LeavesTheNewContentUnderTheNameAndNothingElse) {
  TestDirectory dir;
  dir.write("status", "old and longer");
  EXPECT_EQ(replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644), 0);
  EXPECT_EQ(dir.read("status"), "new");
  EXPECT_FALSE(dir.exists("status.new"));
}

TEST(ReplaceFile, DoesNotWriteThroughALinkThatSomebodyPlanted) {
  TestDirectory dir;
  dir.write("victim", "untouched");
  ASSERT_EQ(::symlink("victim", dir.path("status.new").c_str()), 0);
  EXPECT_EQ(replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644), 0);
  EXPECT_EQ(dir.read("victim"), "untouched");
  EXPECT_EQ(dir.read("status"), "new");
}

TEST(ReplaceFile, DoesNotWaitForAFifoThatSomebodyPlanted) {
  TestDirectory dir;
  ASSERT_EQ(::mkfifo(dir.path("status.new").c_str(), 0600), 0);
  EXPECT_EQ(replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644), 0);
  EXPECT_TRUE(S_ISREG(dir.look("status").st_mode));
}

TEST(ReplaceFile, TellsWhyItCouldNot) {
  TestDirectory dir;
  EXPECT_EQ(replace_file(dir.fd(), "gone/status.new", "gone/status", bytes("new"), 0644), ENOENT);
}

TEST(OpenFifo, RefusesAnythingElseThatHasTheName) {
  TestDirectory dir;
  dir.write("control", "");
  EXPECT_FALSE(open_fifo(dir.fd(), "control", 0600));
  dir.make_directory("directory");
  EXPECT_FALSE(open_fifo(dir.fd(), "directory", 0600));
}

TEST(OpenFifo, KeepsTheModeThatAnAdministratorGaveIt) {
  TestDirectory dir;
  ASSERT_EQ(::mkfifo(dir.path("control").c_str(), 0600), 0);
  ::chmod(dir.path("control").c_str(), 0620);
  EXPECT_TRUE(open_fifo(dir.fd(), "control", 0600));
  EXPECT_EQ(dir.look("control").st_mode & 07777U, 0620U);
}

TEST(MakeDirectory, MakesWhatADanglingLinkPointsTo) {
  TestDirectory dir;
  dir.make_directory("state");
  dir.make_directory("web");
  ASSERT_EQ(::symlink("../state/web", dir.path("web/supervise").c_str()), 0);
  EXPECT_TRUE(make_directory(dir.fd(), "web/supervise", 0700));
  EXPECT_TRUE(S_ISDIR(dir.look("state/web").st_mode));
  EXPECT_TRUE(make_directory(dir.fd(), "web/supervise", 0700)) << "an existing one is fine";
}

TEST(MakeDirectory, RefusesALinkTextOf256Bytes) {
  TestDirectory dir;
  ASSERT_EQ(::symlink(std::string(256, 'x').c_str(), dir.path("supervise").c_str()), 0);
  const Status made = make_directory(dir.fd(), "supervise", 0700);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ENAMETOOLONG);
}

TEST(ReadFile, ReadsNoMoreThanAskedAndNothingButFiles) {
  TestDirectory dir;
  dir.write("status", std::string(5000, 'x'));
  EXPECT_EQ(read_file(dir.fd(), "status", 20)->size(), 20U);
  ASSERT_EQ(::mkfifo(dir.path("fifo").c_str(), 0600), 0);
  EXPECT_FALSE(read_file(dir.fd(), "fifo", 20));
  dir.make_directory("directory");
  EXPECT_EQ(read_file(dir.fd(), "directory", 20).error().code, EISDIR);
}

}  // namespace
}  // namespace kindred
