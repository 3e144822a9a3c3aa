// svc -X, and freedt's own supervise.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include "compat-freedt/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred::freedt {
namespace {

using test::FakeService;
using test::Ran;
using test::run_main;
namespace fs = std::filesystem;

class ClientsTest : public ::testing::Test {
 protected:
  test::TestDirectory root_;
  std::string path_ = root_.path("web");
};

TEST_F(ClientsTest, QuitIsAByteOfItsOwnAndSeenByWhatComesOfIt) {
  FakeService service(path_, FakeService::Of::Daemontools);
  service.record({.pid = 77});
  test::RunningMain running(svc_main, {"svc", "-uX", path_});
  EXPECT_TRUE(test::wait_until([&] { return service.has_unread(); }));
  EXPECT_EQ(service.sent(), "u!");
  service.leave();
  const Ran ran = running.end();
  EXPECT_EQ(ran.code, 0) << ran.err;
}

TEST_F(ClientsTest, ASupervisorThatStaysDoesNotKnowQuit) {
  FakeService service(path_, FakeService::Of::Daemontools);
  service.record({.pid = 77});
  const Ran ran = run_main(svc_main, {"svc", "-X", path_});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "svc: warning: unable to control " + path_ + ": supervise does not know -X\n");
}

TEST_F(ClientsTest, AFamilyThatCannotQuitIsNamed) {
  FakeService service(path_, FakeService::Of::Runit);
  service.record({.pid = 77, .state = 1});
  const Ran ran = run_main(svc_main, {"svc", "-X", path_});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "svc: warning: unable to control " + path_ + ": runit cannot express -X\n");
  EXPECT_EQ(service.sent(), "");
}

TEST_F(ClientsTest, FreedtsOwnSuperviseIsLeftAlone) {
  FakeService service(path_, FakeService::Of::Daemontools);
  fs::remove(service.supervise() / "ok");
  test::write_file(service.supervise() / "status", std::string(24, 0));
  const UniqueFd lock(open((service.supervise() / "lock").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(run_main(svok_main, {"svok", path_}).code, 100);  // nobody holds it
  ASSERT_EQ(flock(lock.get(), LOCK_EX), 0);
  const Ran ran = run_main(svc_main, {"svc", "-d", path_});
  EXPECT_EQ(ran.code, 111);
  EXPECT_NE(ran.err.find("freedt's own supervise"), std::string::npos) << ran.err;
  EXPECT_EQ(run_main(svok_main, {"svok", path_}).code, 111);
  const Ran shown = run_main(svstat_main, {"svstat", path_});
  EXPECT_EQ(shown.code, 111);
  EXPECT_NE(shown.out.find("freedt's own supervise"), std::string::npos) << shown.out;
  EXPECT_EQ(service.sent(), "");
}

TEST_F(ClientsTest, ADirectoryThatIsNotThereIsAWarning) {
  const Ran ran = run_main(svc_main, {"svc", "-d", "-x", path_});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "svc: warning: unable to chdir to " + path_ + ": file does not exist\n");
}

}  // namespace
}  // namespace kindred::freedt
