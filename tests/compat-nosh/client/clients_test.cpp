// The clients on what supervisors of other families keep.

#include <gtest/gtest.h>

#include "compat-nosh/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred::nosh {
namespace {

using test::FakeService;
using test::Ran;

class ClientsTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string at(const char* name) const { return root_.path(name); }
  static Ran run(int (*main)(int, char**), std::vector<std::string> words) {
    return test::run_main(main, words);
  }
  static bool has(const Ran& ran, std::string_view text) { return ran.out.find(text) != std::string::npos; }
  test::TestDirectory root_;
};

TEST_F(ClientsTest, AForeignSupervisorIsSpokenToInItsOwnLetters) {
  FakeService service(at("web"), FakeService::Of::Runit);
  service.record({.pid = 77, .state = 1});
  const Ran ran = run(service_control_main, {"svc", "-udopcHT", at("web")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(service.sent(), "udopcht");
}

TEST_F(ClientsTest, WhatItCannotExpressIsNamedAndNothingIsSent) {
  FakeService service(at("web"), FakeService::Of::Daemontools), runit(at("log"), FakeService::Of::Runit);
  service.record({.pid = 77});
  runit.record({.pid = 77, .state = 1});
  const Ran ran = run(service_control_main, {"svc", "-uz", at("web")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, at("web") + ": daemontools cannot express -uz\n");
  EXPECT_FALSE(service.has_unread());
  // Exit alone stops a service there.
  EXPECT_EQ(run(service_control_main, {"svc", "-x", at("log")}).code, 1);
  EXPECT_FALSE(runit.has_unread());
  EXPECT_EQ(run(service_control_main, {"svc", "-dx", at("log")}).code, 0);
  EXPECT_EQ(runit.sent(), "dx");
}

TEST_F(ClientsTest, AForeignRecordIsTold) {
  FakeService runit(at("web"), FakeService::Of::Runit), daemontools(at("db"), FakeService::Of::Daemontools);
  runit.record({.age = 90, .pid = 77, .state = 1});
  daemontools.record({.age = 90, .pid = 0, .want = 'd'});
  const Ran ran = run(service_status_main, {"svstat", at("web"), at("db")});
  EXPECT_TRUE(has(ran, at("web") + ": running (pid 77) since ")) << ran.out;
  EXPECT_TRUE(has(ran, at("db") + ": down since ")) << ran.out;
  EXPECT_TRUE(has(ran, "; initially up.")) << ran.out;
  // The stamps count no leap seconds there.
  EXPECT_TRUE(has(ran, "; 1m 3")) << ran.out;
  EXPECT_EQ(run(service_is_up_main, {"svup", at("web")}).code, 0);
  EXPECT_EQ(run(service_is_up_main, {"svup", at("db")}).code, 100);
  EXPECT_EQ(run(service_is_ok_main, {"svok", at("db")}).code, 0);
}

TEST_F(ClientsTest, JsonIsWhole) {
  FakeService service(at("web"), FakeService::Of::Runit);
  service.record({.pid = 77, .state = 1});
  const Ran ran = run(service_show_main, {"svshow", "--json", at("web"), at("none")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out.rfind("{\n \"" + at("web") + "\":{ \"DaemontoolsState\":\"up\",", 0), 0U) << ran.out;
  EXPECT_TRUE(has(ran, "\"MainPID\":77,")) << ran.out;
  EXPECT_TRUE(has(ran, "\"Wants\":[],")) << ran.out;
  EXPECT_TRUE(has(ran, "\"LogService\":\"\"}\n}\n")) << ran.out;
  EXPECT_EQ(ran.err, at("none") + ": No such file or directory\n");
}

TEST_F(ClientsTest, AMonitorIsToldOfAnyFamilysServices) {
  FakeService up(at("up"), FakeService::Of::Runit), young(at("young"), FakeService::Of::Daemontools),
      down(at("down"), FakeService::Of::Encore);
  up.record({.age = 90, .pid = 77, .state = 1});
  young.record({.age = 0, .pid = 78});
  down.record({.age = 90});
  Ran ran = run(nagios_check_service_main, {"nagios-check-service", at("up")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "OK\n");
  ran = run(nagios_check_service_main, {"nagios-check-service", "-s1000", at("young"), at("down")});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "stopped: " + at("down") + "\nbelow minimum runtime: " + at("young") + "\n");
  ran = run(nagios_check_service_main, {"nagios-check-service", "-s-1", at("up")});
  EXPECT_EQ(ran.code, 3);
}

TEST_F(ClientsTest, EnablingMakesTheCounterpartsOfWhatABundleDeclares) {
  for (const char* name :
       {"web/service", "web/wanted-by", "web/stopped-by", "web/requires", "normal", "off", "db"})
    std::filesystem::create_directories(at(name));
  std::filesystem::create_directory_symlink("../../normal", at("web/wanted-by/normal"));
  std::filesystem::create_directory_symlink("../../off", at("web/stopped-by/off"));
  std::filesystem::create_directory_symlink("../../db", at("web/requires/db"));
  const std::string links[] = {at("normal/wants/web"), at("off/conflicts/web"), at("off/after/web"),
                               at("db/required-by/web")};
  EXPECT_EQ(run(system_control_main, {"system-control", "enable", at("web")}).code, 0);
  for (const std::string& link : links)
    EXPECT_EQ(std::filesystem::read_symlink(link), std::filesystem::canonical(at("web"))) << link;
  EXPECT_EQ(run(system_control_main, {"system-control", "disable", at("web")}).code, 0);
  for (const std::string& link : links) EXPECT_FALSE(std::filesystem::is_symlink(link)) << link;
  EXPECT_TRUE(std::filesystem::exists(at("web/service/down")));
  // What leads nowhere is said; the rest is done, and so is what else was named.
  std::filesystem::create_directory_symlink("../../nowhere", at("web/wanted-by/lost"));
  const Ran ran = run(system_control_main, {"system-control", "enable", at("web"), at("none") + "/"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("enable: ERROR: " + at("none")), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("wanted-by/lost: No such file"), std::string::npos) << ran.err;
  for (const std::string& link : links) EXPECT_TRUE(std::filesystem::is_symlink(link)) << link;
  EXPECT_FALSE(std::filesystem::exists(at("web/service/down")));
}

}  // namespace
}  // namespace kindred::nosh
