#include "core/client/service_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "compat-daemontools/dialect.h"
#include "compat-runit/dialect.h"
#include "core/sys/files.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::FakeService;
namespace fs = std::filesystem;

class ServiceDirectoryTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path at(const char* name) const { return root_.path(name); }
  [[nodiscard]] ServiceDirectory open(const char* name) const {
    auto directory = ServiceDirectory::open(AT_FDCWD, at(name).c_str());
    EXPECT_TRUE(directory);
    return std::move(*directory);
  }
  [[nodiscard]] int open_error(const fs::path& path) const {
    const auto directory = ServiceDirectory::open(AT_FDCWD, path.c_str());
    return directory ? 0 : directory.error().code;
  }
  [[nodiscard]] static const SuperviseLayout& layout() { return daemontools::dialect().layout; }

  const Dialect* all_[2] = {&runit::dialect(), &daemontools::dialect()};
  KnownFamilies as_daemontools_{daemontools::dialect(), all_};
  KnownFamilies as_runit_{runit::dialect(), all_};
  test::TestDirectory root_;
};

// --- finding ---

TEST_F(ServiceDirectoryTest, OpensAsChdirWould) {
  fs::create_directory(at("web"));
  test::write_file(at("plain"), "");
  fs::create_symlink("web", at("link"));
  fs::create_symlink("loop", at("loop"));
  EXPECT_EQ(open_error(at("web")), 0);
  EXPECT_EQ(open_error(at("link")), 0);
  EXPECT_EQ(open_error(at("plain")), ENOTDIR);
  EXPECT_EQ(open_error(at("none")), ENOENT);
  EXPECT_EQ(open_error(at("loop")), ELOOP);
  EXPECT_EQ(open_error(""), ENOENT);
}

TEST_F(ServiceDirectoryTest, OpensRelativeToAnother) {
  fs::create_directories(at("web/log"));
  const ServiceDirectory web = open("web");
  EXPECT_TRUE(ServiceDirectory::open(web.fd(), "log"));
  EXPECT_FALSE(ServiceDirectory::open(web.fd(), "none"));
}

TEST_F(ServiceDirectoryTest, FindsALogThatHasADirectoryAndOneThatHasNone) {
  fs::create_directories(at("web/supervise"));
  EXPECT_FALSE(open("web").open_log(layout()));
  fs::create_directories(at("web/log"));
  const auto own = open("web").open_log(layout());
  ASSERT_TRUE(own);
  EXPECT_EQ(*identify(own->fd()), *identify(open("web/log").fd()));
  fs::create_directories(at("web/supervise/log/supervise"));
  const auto kept = open("web").open_log(layout());
  ASSERT_TRUE(kept);
  EXPECT_EQ(*identify(kept->fd()), *identify(open("web/supervise/log").fd()));
}

TEST_F(ServiceDirectoryTest, ADanglingLinkCountsAsAbsent) {
  fs::create_directory(at("web"));
  const ServiceDirectory web = open("web");
  EXPECT_FALSE(*web.has("down"));
  fs::create_symlink("nowhere", at("web/down"));
  EXPECT_FALSE(*web.has("down"));
  fs::remove(at("web/down"));
  fs::create_directory(at("web/down"));
  EXPECT_TRUE(*web.has("down"));
  fs::remove(at("web/down"));
  fs::create_symlink("down", at("web/down"));
  EXPECT_EQ(web.has("down").error().code, ELOOP);
}

// --- is there a supervisor ---

TEST_F(ServiceDirectoryTest, WithoutOkASupervisorLivesWhileItHoldsTheLock) {
  const SuperviseLayout layout{.lock_kind = LockKind::OfdRecord, .ok = nullptr};
  fs::create_directory(at("web"));
  const ServiceDirectory web = open("web");
  EXPECT_EQ(web.supervised(layout).error().code, ENOENT);
  test::write_file(at("web/supervise/lock"), "");
  EXPECT_FALSE(*web.supervised(layout));
  UniqueFd holder(::open(at("web/supervise/lock").c_str(), O_WRONLY | O_CLOEXEC));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  ASSERT_EQ(fcntl(holder.get(), F_OFD_SETLK, &whole), 0);
  EXPECT_TRUE(*web.supervised(layout));
  holder.reset();
  EXPECT_FALSE(*web.supervised(layout));
}

TEST_F(ServiceDirectoryTest, ASupervisorLivesWhileOkHasAReader) {
  FakeService service(at("web"), FakeService::Of::Runit);
  const ServiceDirectory web = open("web");
  EXPECT_TRUE(*web.supervised(layout()));
  service.leave();
  EXPECT_FALSE(*web.supervised(layout()));
  fs::remove(service.supervise() / "ok");
  EXPECT_EQ(web.supervised(layout()).error().code, ENOENT);
  EXPECT_EQ(web.supervised(layout()).error().object, "supervise/ok");
}

TEST_F(ServiceDirectoryTest, DoesNotOpenWhatALinkInTheFifosPlaceLeadsTo) {
  FakeService service(at("web"), FakeService::Of::Runit);
  for (const char* name : {"ok", "control"}) {
    fs::rename(service.supervise() / name, service.supervise() / "elsewhere");
    fs::create_symlink("elsewhere", service.supervise() / name);
  }
  const ServiceDirectory web = open("web");
  EXPECT_EQ(web.supervised(layout()).error().code, ELOOP);
  EXPECT_EQ(ControlChannel::open(web, layout()).error().code, ELOOP);
}

// --- whose record is it ---

TEST_F(ServiceDirectoryTest, RecognisesTheFamilyByItsEvidence) {
  FakeService one(at("dt"), FakeService::Of::Daemontools), two(at("ru"), FakeService::Of::Runit);
  one.record({.pid = 77, .want = 'd'});
  two.record({.pid = 78, .state = 2});
  for (const KnownFamilies& known : {as_daemontools_, as_runit_}) {
    const auto dt = open("dt").observe(known);
    ASSERT_TRUE(dt);
    EXPECT_STREQ(dt->supervisor->name, "daemontools");
    EXPECT_EQ(dt->status.snapshot.main.pid, 77);
    EXPECT_EQ(dt->status.snapshot.main.want, Want::Down);
    const auto ru = open("ru").observe(known);
    ASSERT_TRUE(ru);
    EXPECT_STREQ(ru->supervisor->name, "runit");
    EXPECT_EQ(ru->status.snapshot.main.phase, Phase::Finishing);
    EXPECT_STREQ(open("ru").supervisor(known)->name, "runit");
  }
}

TEST_F(ServiceDirectoryTest, KnowsWhetherThereIsAGroupToSignal) {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  FakeService service(at("web"), FakeService::Of::Runit);
  service.record({.pid = static_cast<std::uint32_t>(child), .state = 1});
  const auto lacks = [&](const ControlCommand& command) {
    return open("web").lacks_group(as_runit_, {&command, 1});
  };
  const ControlCommand pause_group{.verb = Verb::Pause, .to_group = true};
  EXPECT_TRUE(lacks(pause_group));
  EXPECT_FALSE(lacks({.verb = Verb::Pause}));
  EXPECT_FALSE(lacks({.verb = Verb::Up, .to_group = true}));
  ASSERT_EQ(setpgid(child, child), 0);
  EXPECT_FALSE(lacks(pause_group));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_FALSE(lacks(pause_group));
}

TEST_F(ServiceDirectoryTest, WithoutEvidenceItIsTheClientsOwnFamily) {
  FakeService service(at("web"), FakeService::Of::Daemontools);
  fs::remove(service.supervise() / "lock");
  service.record({.pid = 77});
  const auto seen = open("web").observe(as_daemontools_);
  ASSERT_TRUE(seen);
  EXPECT_STREQ(seen->supervisor->name, "daemontools");
  EXPECT_EQ(open("web").observe(as_runit_).error().code, kBadFormat);  // 18 bytes are none of runit's
  fs::remove(service.supervise() / "status");
  EXPECT_STREQ(open("web").supervisor(as_runit_)->name, "runit");
}

TEST_F(ServiceDirectoryTest, TellsWhyARecordCannotBeRead) {
  FakeService service(at("web"), FakeService::Of::Runit);
  const fs::path status = service.supervise() / "status";
  const auto trouble = [&] { return open("web").observe(as_runit_).error(); };
  EXPECT_EQ(trouble().code, ENOENT);
  EXPECT_EQ(trouble().operation, "open");
  EXPECT_EQ(trouble().object, "supervise/status");
  test::write_file(status, "short");
  EXPECT_EQ(trouble().code, kBadFormat);
  EXPECT_EQ(trouble().operation, "read");
  EXPECT_EQ(why(trouble()), "bad format");
  fs::remove(status);
  fs::create_directory(status);
  EXPECT_EQ(trouble().operation, "read");
  EXPECT_EQ(why(trouble()), "is a directory");
}

TEST_F(ServiceDirectoryTest, DoesNotWaitForAFifoThatWasPlantedAsARecord) {
  FakeService service(at("web"), FakeService::Of::Runit);
  mkfifo((service.supervise() / "status").c_str(), 0600);
  EXPECT_EQ(open("web").observe(as_runit_).error().code, kBadFormat);
}

TEST_F(ServiceDirectoryTest, ReadsARecordByWayOfALinkAndNothingButARecord) {
  FakeService service(at("web"), FakeService::Of::Runit);
  service.record({.pid = 77, .state = 1});
  fs::rename(service.supervise() / "status", at("elsewhere"));
  fs::create_symlink(at("elsewhere"), service.supervise() / "status");
  const auto seen = open("web").observe(as_runit_);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status.snapshot.main.pid, 77);
  fs::remove(at("elsewhere"));
  EXPECT_EQ(open("web").observe(as_runit_).error().code, ENOENT);
  ASSERT_EQ(mkfifo(at("elsewhere").c_str(), 0600), 0);
  EXPECT_EQ(open("web").observe(as_runit_).error().code, kBadFormat);
}

TEST_F(ServiceDirectoryTest, ALongFileIsReadToItsBound) {
  FakeService service(at("web"), FakeService::Of::Runit);
  test::write_file(service.supervise() / "status", std::string(5'000'000, 'x'));
  EXPECT_TRUE(open("web").observe(as_runit_));
}

// --- sending ---

TEST_F(ServiceDirectoryTest, SendsAndSeesWhatIsUnread) {
  FakeService service(at("web"), FakeService::Of::Runit);
  auto channel = ControlChannel::open(open("web"), layout());
  ASSERT_TRUE(channel);
  EXPECT_EQ(channel->unread(), 0U);
  EXPECT_TRUE(channel->send("tcu", ControlChannel::WhenFull::Wait));
  EXPECT_EQ(channel->unread(), 3U);
  EXPECT_EQ(service.sent(), "tcu");
  EXPECT_EQ(channel->unread(), 0U);
  EXPECT_TRUE(channel->send("", ControlChannel::WhenFull::Wait));
}

TEST_F(ServiceDirectoryTest, WithoutAReaderThereIsNoChannel) {
  FakeService service(at("web"), FakeService::Of::Runit);
  service.leave();
  const auto channel = ControlChannel::open(open("web"), layout());
  EXPECT_EQ(channel.error().code, ENXIO);
  EXPECT_EQ(channel.error().object, "supervise/control");
}

TEST_F(ServiceDirectoryTest, WritesIntoNothingButAFifo) {
  FakeService service(at("web"), FakeService::Of::Runit);
  fs::remove(service.supervise() / "control");
  test::write_file(service.supervise() / "control", "precious");
  EXPECT_EQ(ControlChannel::open(open("web"), layout()).error().code, EINVAL);
}

TEST_F(ServiceDirectoryTest, WritesIntoAFileOfItsOwnWhereTheFamilyDoes) {
  FakeService service(at("web"), FakeService::Of::Runit);
  const fs::path control = service.supervise() / "control";
  fs::remove(control);
  test::write_file(control, "");
  SuperviseLayout may = layout();
  may.control_may_be_file = true;
  auto channel = ControlChannel::open(open("web"), may);
  ASSERT_TRUE(channel);
  EXPECT_TRUE(channel->send("du", ControlChannel::WhenFull::Wait));
  std::ifstream written(control);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(written), {}), "du");
  fs::create_hard_link(control, at("elsewhere"));
  EXPECT_EQ(ControlChannel::open(open("web"), may).error().code, EINVAL);
}

TEST_F(ServiceDirectoryTest, AFullFifoIsRefusedOnRequest) {
  FakeService service(at("web"), FakeService::Of::Runit);
  auto channel = ControlChannel::open(open("web"), layout());
  ASSERT_TRUE(channel);
  const std::string block(4096, 'u');
  Status sent = ok();
  for (int i = 0; i < 1000 && sent; ++i) sent = channel->send(block, ControlChannel::WhenFull::Refuse);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, EAGAIN);
}

TEST_F(ServiceDirectoryTest, AReaderThatLeavesIsAnErrorAndNoDeath) {
  FakeService service(at("web"), FakeService::Of::Runit);
  auto channel = ControlChannel::open(open("web"), layout());
  ASSERT_TRUE(channel);
  service.leave();
  ignore_sigpipe();
  EXPECT_EQ(channel->send("u", ControlChannel::WhenFull::Wait).error().code, EPIPE);
}

}  // namespace
}  // namespace kindred
