#include <gtest/gtest.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "compat-perp/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::perp {
namespace {

class PerpSetup : public ::testing::Test {
 protected:
  PerpSetup() { setenv("DESTDIR", root_.path().c_str(), 1); }
  ~PerpSetup() override { unsetenv("DESTDIR"); }
  test::TestDirectory root_;
};

TEST_F(PerpSetup, MakesABaseDirectory) {
  ASSERT_EQ(test::run_main(perp_setup_main, {"perp-setup", "/etc/perp", "/run/ctl"}).code, 0);
  char target[PATH_MAX] = "";
  EXPECT_EQ(readlink(root_.path("etc/perp/.control").c_str(), target, sizeof target - 1), 8);
  EXPECT_STREQ(target, "/run/ctl");
  for (const char* script : {"rc.log", "rc.perp"})
    EXPECT_EQ(root_.look(std::string("etc/perp/.boot/") + script).st_mode & 0777, 0755) << script;
  EXPECT_EQ(root_.look("etc/perp/.boot/rlimit.conf").st_mode & 0777, 0644);
  EXPECT_NE(root_.read("etc/perp/.boot/rc.perp").find("perpd -a6"), std::string::npos);
}

TEST_F(PerpSetup, LeavesWhatTheAdministratorHas) {
  ASSERT_EQ(test::run_main(perp_setup_main, {"perp-setup", "/p"}).code, 0);
  root_.write("p/.boot/rc.log", "mine");
  ASSERT_EQ(test::run_main(perp_setup_main, {"perp-setup", "/p"}).code, 0);
  EXPECT_EQ(root_.read("p/.boot/rc.log"), "mine");
  EXPECT_NE(root_.read("p/.boot/rc.log.new").find("tinylog"), std::string::npos);
}

TEST_F(PerpSetup, SaysWhatItCannotMake) {
  root_.write("p", "a file");
  const test::Ran ran = test::run_main(perp_setup_main, {"perp-setup", "/p"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("ENOTDIR"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace kindred::perp
