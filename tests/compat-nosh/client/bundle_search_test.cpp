#include "compat-nosh/client/bundle_search.h"

#include <algorithm>
#include <cstdlib>

#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

bool has(const std::vector<std::string>& list, std::string_view path) {
  return std::find(list.begin(), list.end(), path) != list.end();
}

TEST(BundleSearch, APathIsItself) {
  EXPECT_EQ(bundle_candidates("./web", false), std::vector<std::string>{"./web"});
  EXPECT_EQ(bundle_candidates("web.service/", true), std::vector<std::string>{"web.service/"});
}

TEST(BundleSearch, TargetsComeBeforeServicesAndTheCurrentDirectoryLast) {
  const std::vector<std::string> list = bundle_candidates("web", false);
  EXPECT_EQ(list.front(), "/run/service-bundles/targets/web");
  EXPECT_TRUE(has(list, "/var/local/sv/web") && has(list, "/service/web"));
  EXPECT_EQ(list.back(), "web");
  const auto target = std::find(list.begin(), list.end(), "/var/service-bundles/targets/web");
  const auto service = std::find(list.begin(), list.end(), "/run/service-bundles/services/web");
  EXPECT_LT(target - list.begin(), service - list.begin());
}

TEST(BundleSearch, ASuffixSaysTheKind) {
  for (const char* name : {"web.service", "web.socket", "web.timer"}) {
    EXPECT_EQ(bundle_candidates(name, false).front(), "/run/service-bundles/services/web") << name;
    EXPECT_FALSE(has(bundle_candidates(name, false), "/run/service-bundles/targets/web")) << name;
  }
  const std::vector<std::string> target = bundle_candidates("normal.target", false);
  EXPECT_TRUE(has(target, "/etc/service-bundles/targets/normal"));
  EXPECT_FALSE(has(target, "/etc/service-bundles/services/normal"));
  EXPECT_EQ(bundle_candidates(".service", false).front(), "/run/service-bundles/targets/.service");
}

TEST(BundleSearch, AUsersAreBelowTheHomeDirectory) {
  const test::TestDirectory home;
  ::setenv("HOME", home.path().c_str(), 1);
  EXPECT_TRUE(has(bundle_candidates("web", true), home.path(".config/service-bundles/services/web")));
  EXPECT_FALSE(has(bundle_candidates("web", true), "/service/web"));
  EXPECT_FALSE(find_bundle("web", true));
  std::filesystem::create_directories(home.path(".config/service-bundles/services/web"));
  EXPECT_EQ(find_bundle("web", true), home.path(".config/service-bundles/services/web"));
}

TEST(BundleKinds, AreThoseOfThePlacesWhereTheyAreFound) {
  EXPECT_EQ(bundle_kind("web", "/etc/service-bundles/services/web"), BundleKind::Service);
  EXPECT_EQ(bundle_kind("web", "/var/sv/web"), BundleKind::Service);
  EXPECT_EQ(bundle_kind("multi.target", "/etc/service-bundles/targets/multi"), BundleKind::Target);
  EXPECT_EQ(bundle_kind("web", "web"), BundleKind::ByPath);
  EXPECT_EQ(bundle_kind("./web", "./web"), BundleKind::ByPath);
}

}  // namespace
}  // namespace kindred::nosh
