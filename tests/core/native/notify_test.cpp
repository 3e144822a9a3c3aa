#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/native/subcommands.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::FakeService;

TEST(KindredNotify, RunsACommandWithALineAboutWhatHappened) {
  const test::TestDirectory root;
  FakeService web(root.path("sv/web"), FakeService::Of::Daemontools);
  web.record({.pid = 7});
  const test::Main main = notify_main;
  const std::string told = root.path("told");
  test::RunningMain running(main, {"notify", "--pause", "0", "cat >>" + told, root.path("sv")});
  const auto lines = [&] {
    const std::string text = root.read("told");
    return std::count(text.begin(), text.end(), '\n');
  };
  // Nothing tells of a supervisor that leaves: the command looks again when anything happens there.
  const auto tells = [&](std::ptrdiff_t count) {
    return test::wait_until([&] {
      test::write_file(web.supervise() / "something", "");
      return lines() == count;
    });
  };
  web.leave();
  ASSERT_TRUE(tells(1));
  web.appear();
  ASSERT_TRUE(tells(2));
  std::istringstream text(root.read("told"));
  std::string line;
  std::getline(text, line);
  nlohmann::json notice = nlohmann::json::parse(line);
  EXPECT_EQ(notice["event"], "bad");
  EXPECT_EQ(notice["service"]["name"], "web");
  EXPECT_EQ(notice["service"]["state"], "stale");
  std::getline(text, line);
  notice = nlohmann::json::parse(line);
  EXPECT_EQ(notice["event"], "good");
  EXPECT_EQ(notice["service"]["state"], "run");
}

TEST(KindredNotify, WordsThatMakeNoSenseAreRefused) {
  EXPECT_EQ(test::run_main(notify_main, {"notify"}).code, 100);
  EXPECT_EQ(test::run_main(notify_main, {"notify", "--pause", "-1", "true"}).code, 100);
  EXPECT_EQ(test::run_main(notify_main, {"notify", "true", "no-service-has-this-name"}).code, 111);
}

}  // namespace
}  // namespace kindred
