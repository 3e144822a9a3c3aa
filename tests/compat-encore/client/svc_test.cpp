// What interfaces/encore.md section 10.1 says and the conformance cases leave out.

#include <gtest/gtest.h>

#include "compat-encore/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred::encore {
namespace {

using test::FakeService;
using test::Ran;

class SvcTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string at(const char* name) const { return root_.path(name); }
  static Ran svc(std::vector<std::string> words) {
    words.insert(words.begin(), "svc");
    return test::run_main(svc_main, words);
  }
  test::TestDirectory root_;
};

TEST_F(SvcTest, TooManyOptionsAreNone) {
  FakeService service(at("web"), FakeService::Of::Encore);
  const Ran ran = svc({"-" + std::string(16, 'L') + std::string(16, 'l'), at("web")});
  EXPECT_EQ(ran.code, 100);
  EXPECT_EQ(ran.err, "svc: fatal: too many options\n");
  EXPECT_EQ(service.sent(), "");
}

TEST_F(SvcTest, ABadOptionIsUsageAndNothingIsSent) {
  FakeService service(at("web"), FakeService::Of::Encore);
  const Ran ran = svc({"-uz", at("web")});
  EXPECT_EQ(ran.code, 100);
  EXPECT_TRUE(ran.err.starts_with("svc: illegal option -- z\nsvc options: + kill process group, "))
      << ran.err;
  EXPECT_EQ(service.sent(), "");
}

TEST_F(SvcTest, WhatASupervisorCannotExpressIsAFailureWithItsOptions) {
  FakeService service(at("web"), FakeService::Of::Runit), other(at("other"), FakeService::Of::Encore);
  service.record({.pid = 77, .state = 1});
  // No process has so high a number: it lacks no group.
  other.record({.pid = 4'194'305, .state = 3});
  const Ran ran = svc({"-u", "-+k", at("web"), at("other")});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "svc: warning: unable to control " + at("web") + ": runit cannot express -u+k\n");
  EXPECT_EQ(service.sent(), "");
  EXPECT_EQ(other.sent(), "lu+k");
}

}  // namespace
}  // namespace kindred::encore
