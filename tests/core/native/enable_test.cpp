#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/native/subcommands.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::FakeService;
using test::Ran;
using test::write_file;
namespace fs = std::filesystem;

class KindredEnable : public ::testing::Test {
 protected:
  KindredEnable() {
    fs::create_directory(root_.path("scan"));
    setenv("SVDIR", root_.path("scan").c_str(), 1);
  }
  ~KindredEnable() override { unsetenv("SVDIR"); }
  [[nodiscard]] std::string at(const std::string& name) const { return root_.path("scan/" + name); }
  static Ran enable(const std::string& name) { return test::run_main(enable_main, {"enable", name}); }
  static Ran disable(const std::string& name) { return test::run_main(enable_main, {"disable", name}); }
  test::TestDirectory root_;
};

TEST_F(KindredEnable, ADownFileSaysThatAServiceIsNotToRun) {
  FakeService web(at("web"), FakeService::Of::Daemontools);
  web.record({});
  Ran ran = disable("web");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "web: disabled: there is a file down\n");
  EXPECT_TRUE(fs::exists(at("web/down")));
  EXPECT_EQ(disable("web").out, "web: is disabled\n");
  EXPECT_EQ(enable("web").out, "web: enabled: down is removed\n");
  EXPECT_FALSE(fs::exists(at("web/down")));
  EXPECT_EQ(enable("web").out, "web: is enabled\n");
}

TEST_F(KindredEnable, WhereALinkListsAServiceTheLinkGoes) {
  FakeService web(root_.path("sv/web"), FakeService::Of::Runit);
  web.record({});
  const Ran ran = enable(root_.path("sv/web"));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(fs::read_symlink(at("web")), root_.path("sv/web"));
  EXPECT_EQ(enable(root_.path("sv/web")).out, "web: is enabled\n");
  EXPECT_EQ(disable("web").out, "web: disabled: the link " + at("web") + " is removed\n");
  EXPECT_FALSE(fs::exists(at("web")));
  EXPECT_TRUE(fs::exists(root_.path("sv/web")));
}

TEST_F(KindredEnable, WhereTheDirectoryItselfIsListedAFileSaysIt) {
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({});
  EXPECT_EQ(disable("web").out, "web: disabled: there is a file down\n");
  EXPECT_TRUE(fs::exists(at("web/supervise")));
}

TEST_F(KindredEnable, WhereTheStickyBitSaysItTheBitIsSet) {
  write_file(at("web/rc.main"), "", 0755);
  const auto is_sticky = [&] {
    struct stat st {};
    return stat(at("web").c_str(), &st) == 0 && (st.st_mode & S_ISVTX) != 0;
  };
  EXPECT_EQ(enable("web").code, 0);
  EXPECT_TRUE(is_sticky());
  EXPECT_EQ(enable("web").out, "web: is enabled\n");
  EXPECT_EQ(disable("web").out, "web: disabled: its directory is not sticky\n");
  EXPECT_FALSE(is_sticky());
}

TEST_F(KindredEnable, TroubleIsNamed) {
  const Ran ran = enable("none");
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred enable: there is no service none\n");
  EXPECT_EQ(test::run_main(enable_main, {"disable"}).code, 100);
  EXPECT_NE(test::run_main(enable_main, {"disable", "--help"}).out.find("usage: kindred disable NAME"),
            std::string::npos);
}

}  // namespace
}  // namespace kindred
