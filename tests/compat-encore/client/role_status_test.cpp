// What interfaces/encore.md sections 10.2 and 10.3 say and the conformance cases leave out: other families'
// supervisors.

#include "compat-encore/client/role_status.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <regex>

#include "compat-encore/location.h"
#include "compat-encore/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred::encore {
namespace {

using test::FakeService;

class RoleStatusTest : public ::testing::Test {
 protected:
  /// What svstat prints of the service `web`, without its path.
  [[nodiscard]] std::string svstat(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), "svstat");
    options.push_back(path_);
    const std::string out = test::run_main(svstat_main, options).out;
    return std::regex_replace(out, std::regex(path_), "web");
  }
  [[nodiscard]] int svup(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), "svup");
    options.push_back(path_);
    return test::run_main(svup_main, options).code;
  }
  test::TestDirectory root_;
  std::string path_ = root_.path("web");
};

TEST_F(RoleStatusTest, ARunsvsStateHasAWordOfThisFamily) {
  FakeService service(path_, FakeService::Of::Runit);
  service.record({.age = -5, .pid = 77, .state = 1});
  EXPECT_EQ(svstat(), "web: up (pid 77) 0 seconds, running\n");
  EXPECT_EQ(svup(), 0);
  service.record({.age = -5, .pid = 78, .want = 'd', .state = 2});
  EXPECT_EQ(svstat(), "web: up (pid 78) 0 seconds, want down, stopping\n");
  service.record({.age = -5, .want = 'd', .state = 0});
  EXPECT_EQ(svstat(), "web: down 0 seconds, normally up, stopped\n");
  EXPECT_EQ(svup(), 100);
  service.record({.age = -5, .pid = 77, .state = 9});
  EXPECT_EQ(svstat(), "web: up (pid 77) 0 seconds, status unknown\n");
}

TEST_F(RoleStatusTest, ARunsvsLogIsReadWhereItLies) {
  FakeService service(path_, FakeService::Of::Runit), log(path_ + "/log", FakeService::Of::Runit);
  service.record({.age = -5, .pid = 77, .state = 1});
  log.record({.age = -5, .want = 'd', .state = 0});
  EXPECT_EQ(svstat(), "web: up (pid 77) 0 seconds, running\nweb log: down 0 seconds, normally up, stopped\n");
  EXPECT_EQ(svstat({"-l"}), "web: up (pid 77) 0 seconds, running\n");
  EXPECT_EQ(svup(), 100);
  EXPECT_EQ(svup({"-l"}), 0);
  EXPECT_EQ(svup({"-L"}), 100);
}

TEST_F(RoleStatusTest, ALogThatIsSupervisedApartIsNoLogOfThisService) {
  FakeService service(path_, FakeService::Of::Daemontools), log(path_ + "/log", FakeService::Of::Daemontools);
  service.record({.age = -5, .pid = 77});
  log.record({.age = -5, .pid = 78});
  EXPECT_EQ(svstat(), "web: up (pid 77) 0 seconds\n");
  EXPECT_EQ(svstat({"-L"}), "web: no log service\n");
  EXPECT_EQ(svup({"-L"}), 100);
}

TEST_F(RoleStatusTest, TheOldRecordHasNoWordForItsState) {
  FakeService service(path_, FakeService::Of::Daemontools);
  service.record({.age = -5, .pid = 77, .want = 0});
  EXPECT_EQ(svstat(), "web: up (pid 77) 0 seconds\n");
  EXPECT_EQ(svup(), 0);
}

TEST_F(RoleStatusTest, ANameThatCannotBeEnteredIsNamed) {
  EXPECT_EQ(test::run_main(svup_main, {"svup", path_}).err,
            "svup: fatal: unable to chdir to " + path_ + ": file does not exist\n");
}

}  // namespace
}  // namespace kindred::encore
