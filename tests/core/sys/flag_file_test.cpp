#include "core/sys/flag_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

class FlagFileTest : public ::testing::Test {
 protected:
  FlagFileTest() {
    dir_.make_directory("service");
    dir_.make_directory("state");
  }
  [[nodiscard]] int make(const char* path) const { return make_flag_file(dir_.fd(), path); }
  [[nodiscard]] int remove(const char* path) const { return remove_flag_file(dir_.fd(), path); }
  void link(const char* target, const char* path) const {
    ASSERT_EQ(::symlink(target, dir_.path(path).c_str()), 0);
  }
  [[nodiscard]] bool is_link(const char* path) const { return S_ISLNK(dir_.look(path).st_mode); }

  test::TestDirectory dir_;
};

TEST_F(FlagFileTest, ComesAndGoes) {
  EXPECT_EQ(remove("service/down"), 0);
  EXPECT_EQ(make("service/down"), 0);
  EXPECT_TRUE(dir_.exists("service/down"));
  EXPECT_EQ(make("service/down"), 0);
  EXPECT_EQ(remove("service/down"), 0);
  EXPECT_FALSE(dir_.exists("service/down"));
  EXPECT_EQ(make("missing/down"), ENOENT);
}

TEST_F(FlagFileTest, WhateverIsThereWillDoAndIsNeitherOpenedNorEmptied) {
  ASSERT_EQ(::mkfifo(dir_.path("service/down").c_str(), 0600), 0);
  EXPECT_EQ(make("service/down"), 0);
  EXPECT_TRUE(S_ISFIFO(dir_.look("service/down").st_mode));
  EXPECT_EQ(remove("service/down"), 0);
  EXPECT_FALSE(dir_.exists("service/down"));
  dir_.make_directory("service/down");
  EXPECT_EQ(make("service/down"), 0);
  EXPECT_EQ(remove("service/down"), EISDIR);
  dir_.write("state/down", "why");
  EXPECT_EQ(make("state/down"), 0);
  EXPECT_EQ(dir_.read("state/down"), "why");
}

TEST_F(FlagFileTest, ALinkThatNobodyElseCanHavePlantedIsFollowedAndStays) {
  link("../state/web.down", "service/down");
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(make("service/down"), 0);
    EXPECT_TRUE(S_ISREG(dir_.look("state/web.down").st_mode));
    EXPECT_EQ(remove("service/down"), 0);
    EXPECT_FALSE(dir_.exists("state/web.down"));
    EXPECT_TRUE(is_link("service/down"));
    EXPECT_EQ(remove("service/down"), 0);
  }
}

TEST_F(FlagFileTest, WhatALinkLeadsToIsNotLostUnlessItIsAFlag) {
  dir_.write("state/notes", "worth keeping");
  link("../state/notes", "service/down");
  EXPECT_EQ(make("service/down"), 0);
  EXPECT_EQ(remove("service/down"), 0);
  EXPECT_EQ(dir_.read("state/notes"), "worth keeping");
  EXPECT_FALSE(dir_.exists("service/down"));
}

TEST_F(FlagFileTest, ALinkInADirectoryThatOthersWriteIsNotFollowed) {
  ASSERT_EQ(::chmod(dir_.path("service").c_str(), 0777), 0);
  link("../state/victim", "service/down");
  EXPECT_EQ(make("service/down"), ELOOP);
  EXPECT_FALSE(dir_.exists("state/victim"));
  dir_.write("state/victim", "");
  EXPECT_EQ(remove("service/down"), 0);
  EXPECT_TRUE(dir_.exists("state/victim"));
}

TEST_F(FlagFileTest, ALinkOfSomebodyElseIsNotFollowed) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root makes links of others";
  constexpr uid_t kNobody = 65534;
  link("../state/victim", "service/down");
  ASSERT_EQ(::lchown(dir_.path("service/down").c_str(), kNobody, kNobody), 0);
  EXPECT_EQ(make("service/down"), ELOOP);
  EXPECT_FALSE(dir_.exists("state/victim"));
}

}  // namespace
}  // namespace kindred
