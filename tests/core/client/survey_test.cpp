#include "core/client/survey.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "compat-daemontools/dialect.h"
#include "compat-runit/dialect.h"
#include "compat-s6/dialect.h"
#include "core/sys/files.h"
#include "tests/core/client/counted_calls.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::FakeService;
using test::write_file;
namespace fs = std::filesystem;

const Dialect* const kFamilies[] = {&runit::dialect(), &daemontools::dialect(), &s6::dialect()};

class SurveyTest : public ::testing::Test {
 protected:
  SurveyTest() { surveyor_.enter(root_.fd()); }
  [[nodiscard]] fs::path at(const std::string& name) const { return root_.path(name); }
  [[nodiscard]] ServiceSurvey look(const char* name) {
    Result<ServiceSurvey> seen = surveyor_.look(name);
    EXPECT_TRUE(seen);
    return seen ? std::move(*seen) : ServiceSurvey{};
  }

  test::TestDirectory root_;
  Surveyor surveyor_{kFamilies};
};

TEST_F(SurveyTest, OneLookTellsAllThatThereIs) {
  FakeService web(at("web"), FakeService::Of::Runit), log(at("web/log"), FakeService::Of::Runit);
  web.record({.pid = 7, .state = 1});
  log.record({.pid = 8, .state = 1});
  for (const char* name : {"web/run", "web/finish", "web/down", "web/log/run"}) write_file(at(name), "");
  const ServiceSurvey seen = look("web");
  EXPECT_EQ(seen.main.supervision, Supervision::Live);
  EXPECT_EQ(seen.main.supervisor, &runit::dialect());
  EXPECT_EQ(seen.main.status->snapshot.main.pid, 7);
  EXPECT_EQ(seen.main.normally_up, false);
  ASSERT_TRUE(seen.log);
  EXPECT_EQ(seen.log_place, "log");
  EXPECT_EQ(seen.log->status->snapshot.main.pid, 8);
  EXPECT_EQ(seen.log->normally_up, true);
  EXPECT_TRUE(seen.shape.has("run") && seen.shape.has("finish") && seen.shape.has("log/"));
  EXPECT_TRUE(seen.troubles.empty());
  struct stat st;
  ASSERT_EQ(stat(at("web").c_str(), &st), 0);
  EXPECT_EQ(seen.id.inode, st.st_ino);
}

TEST_F(SurveyTest, ALogWithoutADirectoryIsFoundBelowItsMain) {
  FakeService web(at("web"), FakeService::Of::Daemontools);
  FakeService log(at("web/supervise/log"), FakeService::Of::Daemontools);
  web.record({.pid = 7});
  log.record({.pid = 8});
  const ServiceSurvey seen = look("web");
  ASSERT_TRUE(seen.log);
  EXPECT_EQ(seen.log_place, "supervise/log");
  EXPECT_EQ(seen.log->status->snapshot.main.pid, 8);
}

TEST_F(SurveyTest, ADirectoryThatMayOnlyBeEnteredIsLookedAtAllTheSame) {
  if (getuid() == 0) GTEST_SKIP() << "root lists every directory";
  FakeService web(at("web"), FakeService::Of::Runit);
  web.record({.pid = 7, .state = 1});
  write_file(at("web/down"), "");
  for (const char* name : {"web", "web/supervise"}) chmod(at(name).c_str(), 0300);
  const ServiceSurvey seen = look("web");
  for (const char* name : {"web", "web/supervise"}) chmod(at(name).c_str(), 0700);
  EXPECT_EQ(seen.main.supervision, Supervision::Live);
  EXPECT_EQ(seen.main.supervisor, &runit::dialect());
  EXPECT_EQ(seen.main.normally_up, false);
}

TEST_F(SurveyTest, WhatIsNoServiceDirectoryIsNamed) {
  write_file(at("file"), "");
  EXPECT_EQ(surveyor_.look("file").error().code, ENOTDIR);
  EXPECT_EQ(surveyor_.look("none").error().code, ENOENT);
  EXPECT_EQ(surveyor_.look("none").error().object, "none");
}

TEST_F(SurveyTest, TroubleIsNamedFromTheService) {
  FakeService web(at("web"), FakeService::Of::Runit), log(at("web/log"), FakeService::Of::Runit);
  web.record({.pid = 7, .state = 1});
  write_file(at("web/log/supervise/status"), "x");
  const ServiceSurvey seen = look("web");
  ASSERT_EQ(seen.troubles.size(), 1U);
  EXPECT_EQ(seen.troubles[0].object, "log/supervise/status");
  EXPECT_EQ(seen.troubles[0].code, kBadFormat);
  EXPECT_EQ(seen.main.supervision, Supervision::Live);
  EXPECT_FALSE(seen.log->status);
}

TEST_F(SurveyTest, ALiveSupervisorIsSeenByItsLockToo) {
  fs::create_directories(at("web/supervise"));
  fs::create_directories(at("web/event"));
  write_file(at("web/supervise/lock"), "");
  write_file(at("web/supervise/death_tally"), "");
  mkfifo(at("web/supervise/control").c_str(), 0600);
  std::array<std::uint8_t, kMaxStatusFile> bytes{};
  const std::size_t size = s6::dialect().status.files.begin()->encode({}, Role::Main, bytes);
  write_file(at("web/supervise/status"), std::string(reinterpret_cast<const char*>(bytes.data()), size));
  EXPECT_EQ(look("web").main.supervision, Supervision::Stale);
  const int lock = open(at("web/supervise/lock").c_str(), O_RDWR | O_CLOEXEC);
  struct flock whole {};
  whole.l_type = F_WRLCK;
  ASSERT_EQ(fcntl(lock, F_OFD_SETLK, &whole), 0);
  EXPECT_EQ(look("web").main.supervision, Supervision::Live);
  EXPECT_EQ(look("web").main.supervisor, &s6::dialect());
  close(lock);
}

TEST_F(SurveyTest, AProcessCostsFifteenCallsAtMost) {
  FakeService web(at("web"), FakeService::Of::Runit), db(at("db"), FakeService::Of::Daemontools);
  FakeService mail(at("mail"), FakeService::Of::Runit), log(at("mail/log"), FakeService::Of::Runit);
  for (FakeService* service : {&web, &mail, &log}) service->record({.pid = 7, .state = 1});
  db.record({.pid = 7});
  for (const char* name : {"web/run", "db/run", "mail/run", "mail/log/run"}) write_file(at(name), "");
  const auto calls_for = [&](const char* name) {
    return test::count_calls([&] { (void)surveyor_.look(name); });
  };
  const std::optional<int> none = test::count_calls([] {});
  if (!none) GTEST_SKIP() << "a process may not trace its child here";
  EXPECT_LE(*calls_for("web") - *none, 15);
  EXPECT_LE(*calls_for("db") - *none, 15);
  EXPECT_LE(*calls_for("mail") - *none, 30) << "two processes";
}

TEST(WrittenFor, ASharedShapeIsNobodys) {
  EXPECT_EQ(written_for(kFamilies, {"run"}), nullptr);
  EXPECT_EQ(written_for(kFamilies, {"run", "check"}), &runit::dialect());
  EXPECT_EQ(written_for(kFamilies, {"run", "notification-fd"}), &s6::dialect());
}

}  // namespace
}  // namespace kindred
