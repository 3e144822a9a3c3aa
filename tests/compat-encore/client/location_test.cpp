#include "compat-encore/location.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/core/temporary_directory.h"

namespace kindred::encore {
namespace {

// interfaces/encore.md section 2.1.
TEST(SuperviseDirectory, IsSaidByTheVariable) {
  EXPECT_EQ(supervise_directory(nullptr, "/srv/foo"), "supervise");
  EXPECT_EQ(supervise_directory("st", "/srv/foo"), "st");
  EXPECT_EQ(supervise_directory("/run/sv", "/srv/real/foo"), "/run/sv/srv:real:foo");
  EXPECT_EQ(supervise_directory("/run/sv/", "/srv/foo"), "/run/sv//srv:foo");
  EXPECT_EQ(supervise_directory("", "/srv/foo"), "/");
}

TEST(Home, OfALinkIsThatOfWhatItPointsTo) {
  const test::TestDirectory root;
  std::filesystem::create_directory(root.path("real"));
  std::filesystem::create_directory_symlink("real", root.path("name"));
  ASSERT_EQ(setenv("SUPERVISEDIR", "/run/sv", 1), 0);
  const Home home(root.path("name").c_str());
  const std::string physical = std::filesystem::canonical(root.path("real"));
  EXPECT_EQ(home.dialect().layout.directory, supervise_directory("/run/sv", physical));
  EXPECT_EQ(&home.known().home, &home.dialect());
  ASSERT_EQ(unsetenv("SUPERVISEDIR"), 0);
}

}  // namespace
}  // namespace kindred::encore
