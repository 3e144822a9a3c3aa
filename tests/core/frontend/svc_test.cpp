// One family's message to another family's supervisor.

#include "core/frontend/svc.h"

#include <gtest/gtest.h>

#include "compat-daemontools/dialect.h"
#include "compat-encore/dialect.h"
#include "compat-runit/dialect.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::FakeService;

class ControlService : public ::testing::Test {
 protected:
  /// What is said to the service `web` in encore's words; `code` is 0 where control_service() says true.
  test::Ran say(const char* options) {
    return test::run_main(
        [&](int, char**) {
          ignore_sigpipe();
          const std::string bytes = std::string("l") + options;
          return control_service("svc", path_.c_str(), {bytes, options}, as_encore_) ? 0 : 1;
        },
        {"svc"});
  }

  test::TestDirectory root_;
  std::string path_ = root_.path("web");
  const Dialect* all_[3] = {&runit::dialect(), &daemontools::dialect(), &encore::dialect()};
  KnownFamilies as_encore_{encore::dialect(), all_};
};

TEST_F(ControlService, TheOwnFamilyIsSentTheMessageAsItIs) {
  FakeService service(path_, FakeService::Of::Encore);
  service.record({.pid = 77, .state = 3});
  EXPECT_EQ(say("L+hld").code, 0);
  EXPECT_EQ(service.sent(), "lL+hld");
}

TEST_F(ControlService, AnotherFamilyIsSentItsOwnLetters) {
  FakeService service(path_, FakeService::Of::Runit);
  service.record({.pid = 77, .state = 1});
  EXPECT_EQ(say("du=q").code, 0);
  EXPECT_EQ(service.sent(), "duq");
}

TEST_F(ControlService, WhatIsForTheLogGoesToTheLogsOwnSupervisor) {
  FakeService service(path_, FakeService::Of::Runit), log(path_ + "/log", FakeService::Of::Daemontools);
  service.record({.pid = 77, .state = 1});
  log.record({.pid = 78});
  EXPECT_EQ(say("Lhlq").code, 0);
  EXPECT_EQ(service.sent(), "q");
  EXPECT_EQ(log.sent(), "h");
  EXPECT_EQ(say("Lk").code, 0);
  EXPECT_EQ(service.sent(), "");
  EXPECT_EQ(log.sent(), "k");
}

TEST_F(ControlService, WhatTheFamilyCannotExpressIsNamedAndNothingIsSent) {
  FakeService service(path_, FakeService::Of::Daemontools), log(path_ + "/log", FakeService::Of::Daemontools);
  service.record({.pid = 77});
  log.record({.pid = 78});
  for (const char* options : {"u+k", "uq", "uLdlw", "uLwld"}) {
    const test::Ran ran = say(options);
    EXPECT_EQ(ran.code, 1) << options;
    EXPECT_EQ(ran.err,
              "svc: warning: unable to control " + path_ + ": daemontools cannot express -" + options + "\n");
    EXPECT_EQ(service.sent() + log.sent(), "") << options;
  }
}

TEST_F(ControlService, ALogThatIsNotThereCannotBeAddressed) {
  FakeService service(path_, FakeService::Of::Runit);
  service.record({.pid = 77, .state = 1});
  EXPECT_EQ(say("Ld").code, 1);
  FakeService log(path_ + "/log", FakeService::Of::Runit);
  log.leave();
  EXPECT_EQ(say("Ld").code, 1);
  EXPECT_EQ(service.sent(), "");
}

TEST_F(ControlService, ARecordOfTwoIsThatOfTheFamilyWithTheLogInIt) {
  FakeService service(path_, FakeService::Of::Encore);
  test::write_file(service.supervise() / "status", std::string(40, 0));
  const KnownFamilies as_daemontools{daemontools::dialect(), all_};
  const test::Ran ran = test::run_main(
      [&](int, char**) {
        return control_service("svc", path_.c_str(), {"dx", "dx"}, as_daemontools) ? 0 : 1;
      },
      {"svc"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(service.sent(), "l=dl=x");
}

}  // namespace
}  // namespace kindred
