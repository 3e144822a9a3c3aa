#include "compat-nosh/import/bundle_plan.h"

#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

BundlePlan sample() {
  BundlePlan plan;
  plan.name = "web";
  plan.scripts = {{"run", "#!/bin/nosh\ntrue\n"}};
  plan.flags = {{"remain", true}, {"down", false}};
  plan.links = {{"after", "db", "../../db"}, {"needs", "x", "../../x"}, {"", "supervise", "/run/web"}};
  return plan;
}

std::string link_text(const std::string& path) { return std::filesystem::read_symlink(path).string(); }

TEST(BundlePlan, BecomesABundle) {
  const test::TestDirectory root;
  ASSERT_TRUE(write_bundle(root.path(), sample(), IfThere::IsAnError));
  EXPECT_EQ(root.read("web/service/run"), "#!/bin/nosh\ntrue\n");
  EXPECT_EQ(root.look("web/service/run").st_mode & 0111U, 0111U);
  EXPECT_EQ(root.look("web/service/remain").st_mode & 0777U, 0400U);
  EXPECT_EQ(link_text(root.path("web/after/db")), "../../db");
  EXPECT_EQ(link_text(root.path("web/needs/x")), "../../x");
  EXPECT_EQ(link_text(root.path("web/supervise")), "/run/web");
  EXPECT_TRUE(std::filesystem::is_directory(root.path("web/stopped-by")));
}

TEST(BundlePlan, ReplacesWhatItHasAndLeavesTheRest) {
  const test::TestDirectory root;
  std::filesystem::create_directories(root.path("web/service"));
  std::filesystem::create_directories(root.path("web/after"));
  root.write("web/service/run", "old");
  root.write("web/service/down", "");
  root.write("web/service/mine", "kept");
  std::filesystem::create_symlink("elsewhere", root.path("web/after/db"));
  std::filesystem::create_symlink("kept", root.path("web/after/mine"));
  EXPECT_EQ(write_bundle(root.path(), sample(), IfThere::IsAnError).error().code, EEXIST);
  EXPECT_EQ(root.read("web/service/run"), "old");
  ASSERT_TRUE(write_bundle(root.path(), sample(), IfThere::IsReplaced));
  EXPECT_EQ(root.read("web/service/run"), "#!/bin/nosh\ntrue\n");
  EXPECT_FALSE(std::filesystem::exists(root.path("web/service/down")));
  EXPECT_EQ(root.read("web/service/mine"), "kept");
  EXPECT_EQ(link_text(root.path("web/after/db")), "../../db");
  EXPECT_EQ(link_text(root.path("web/after/mine")), "kept");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root.path("web/after")), {}), 2);
}

TEST(BundlePlan, ErrorsNameThePath) {
  const test::TestDirectory root;
  EXPECT_EQ(write_bundle(root.path("no"), sample(), IfThere::IsReplaced).error().object, root.path("no/web"));
  std::filesystem::create_directories(root.path("web/after/db"));
  const Status done = write_bundle(root.path(), sample(), IfThere::IsReplaced);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().object, root.path("web/after/db"));
  EXPECT_FALSE(std::filesystem::exists(root.path("web/after/.db.new")));
}

}  // namespace
}  // namespace kindred::nosh
