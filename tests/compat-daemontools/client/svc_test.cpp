// What interfaces/daemontools.md section 7.1 says and the conformance cases leave out.

#include <gtest/gtest.h>

#include "compat-daemontools/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred::daemontools {
namespace {

using test::FakeService;
using test::Ran;
namespace fs = std::filesystem;

class SvcTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string at(const char* name) const { return root_.path(name); }
  static Ran svc(std::vector<std::string> words) {
    words.insert(words.begin(), "svc");
    return test::run_main(svc_main, words);
  }
  test::TestDirectory root_;
};

TEST_F(SvcTest, LettersGoOutOnceEachInTheOrderOfTheirFirstAppearance) {
  FakeService service(at("web"), FakeService::Of::Daemontools);
  EXPECT_EQ(svc({"-k", "-ddd", "-ukd", service.path()}).code, 0);
  EXPECT_EQ(service.sent(), "kdu");
}

TEST_F(SvcTest, ADirectoryOfRunitIsSpokenToInRunitsLetters) {
  FakeService service(at("web"), FakeService::Of::Runit);
  service.record({.pid = 77, .state = 1});
  EXPECT_EQ(svc({"-udopchaitkx", service.path()}).code, 0);
  EXPECT_EQ(service.sent(), "udopchaitkx");
}

TEST_F(SvcTest, TroubleWithOneDirectoryIsAWarningAndTheOthersAreServed) {
  FakeService gone(at("gone"), FakeService::Of::Daemontools),
      service(at("web"), FakeService::Of::Daemontools);
  gone.leave();
  fs::create_directory(at("bare"));
  const Ran ran = svc({"-u", at("none"), at("gone"), at("bare"), at("web")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "svc: warning: unable to chdir to " + at("none") + ": file does not exist\n" +
                         "svc: warning: unable to control " + at("gone") + ": supervise not running\n" +
                         "svc: warning: unable to control " + at("bare") + ": file does not exist\n");
  EXPECT_EQ(service.sent(), "u");
}

TEST_F(SvcTest, WithoutLettersEachDirectoryIsStillTried) {
  const Ran ran = svc({at("none")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.err, "");
}

TEST_F(SvcTest, AFileInTheFifosPlaceIsLeftAlone) {
  FakeService service(at("web"), FakeService::Of::Daemontools);
  service.leave();
  fs::remove(service.supervise() / "control");
  test::write_file(service.supervise() / "control", "precious");
  EXPECT_EQ(svc({"-u", at("web")}).err,
            "svc: warning: unable to control " + at("web") + ": invalid argument\n");
  EXPECT_EQ(fs::file_size(service.supervise() / "control"), 8U);
}

TEST_F(SvcTest, ABadOptionIsUsageAndNothingIsSent) {
  FakeService service(at("web"), FakeService::Of::Daemontools);
  const Ran ran = svc({"-uz", service.path()});
  EXPECT_EQ(ran.code, 100);
  EXPECT_TRUE(ran.err.starts_with("svc: illegal option -- z\nsvc options: u up, d down, o once, x exit"))
      << ran.err;
  EXPECT_EQ(service.sent(), "");
}

}  // namespace
}  // namespace kindred::daemontools
