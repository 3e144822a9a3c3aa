#include "compat-nosh/supervise/loader.h"

#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

class LoadableBundleTest : public ::testing::Test {
 protected:
  LoadableBundleTest() { dir_.make_directory("web"); }
  /// Whether the bundle is its own supervise directory.
  bool is_its_own(MissingSupervise missing) {
    const Result<LoadableBundle> bundle = LoadableBundle::open(dir_.fd(), "web", missing);
    EXPECT_TRUE(bundle);
    struct stat at {
    }, itself = dir_.look("web");
    EXPECT_EQ(::fstat(bundle->supervise_fd(), &at), 0);
    return at.st_ino == itself.st_ino;
  }
  test::TestDirectory dir_;
};

TEST_F(LoadableBundleTest, MakesASuperviseDirectoryOrDoesWithout) {
  EXPECT_TRUE(is_its_own(MissingSupervise::Leave));
  EXPECT_FALSE(dir_.exists("web/supervise"));
  EXPECT_FALSE(is_its_own(MissingSupervise::Make));
  EXPECT_EQ(dir_.look("web/supervise").st_mode & 0777, 0700U);
  EXPECT_FALSE(is_its_own(MissingSupervise::Leave));
}

TEST_F(LoadableBundleTest, MakesWhatALinkLeadsToOnlyWhereThatIsAsked) {
  ASSERT_EQ(::symlinkat("../elsewhere", dir_.fd(), "web/supervise"), 0);
  EXPECT_TRUE(is_its_own(MissingSupervise::Make));
  EXPECT_FALSE(dir_.exists("elsewhere"));
  EXPECT_FALSE(is_its_own(MissingSupervise::MakeTarget));
  EXPECT_EQ(dir_.look("elsewhere").st_mode & 0777, 0755U);
}

TEST_F(LoadableBundleTest, IsLoadedWhereOkHasAReader) {
  const Result<LoadableBundle> bundle = LoadableBundle::open(dir_.fd(), "web", MissingSupervise::Make);
  ASSERT_TRUE(bundle);
  ASSERT_TRUE(bundle->make_fifos());
  EXPECT_TRUE(bundle->make_fifos());
  EXPECT_FALSE(bundle->is_loaded());
  EXPECT_FALSE(bundle->command('u'));
  const UniqueFd ok(::open(dir_.path("web/supervise/ok").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const UniqueFd control(
      ::open(dir_.path("web/supervise/control").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  EXPECT_TRUE(bundle->is_loaded());
  EXPECT_TRUE(bundle->wait_until_loaded());
  EXPECT_TRUE(bundle->command('u'));
  char byte = 0;
  EXPECT_EQ(::read(control.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'u');
}

}  // namespace
}  // namespace kindred::nosh
