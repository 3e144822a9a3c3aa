// The manager as loaders see it: requests through its socket, and how it ends.

#include "compat-nosh/supervise/manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <functional>
#include <string>

#include "compat-nosh/protocol.h"
#include "core/sys/files.h"
#include "tests/core/advanced_clock.h"
#include "tests/core/temporary_directory.h"

namespace kindred::nosh {
namespace {

class Heartbeat final : public Timer {
 public:
  void on_timer() noexcept override {}
};

class ManagerTest : public ::testing::Test {
 protected:
  ManagerTest() {
    EXPECT_TRUE(signals_.open({SIGCHLD}, {}));
    EXPECT_TRUE(spawner_.open(signals_.inherited_mask()));
    EXPECT_TRUE(loop_.open());
    EXPECT_TRUE(supervisor_.open(signals_, 1024));
    loop_.timers().reserve(1);
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    door_.reset(ends[0]);
    client_.reset(ends[1]);
    EXPECT_TRUE(prepare_socket(door_.get()));
    manager_.emplace(loop_, supervisor_, std::vector<int>{door_.get()});
    EXPECT_TRUE(manager_->open());
    ::testing::internal::CaptureStderr();
  }
  ~ManagerTest() override {
    supervisor_.kill_all();
    if (!said_) (void)::testing::internal::GetCapturedStderr();
  }

  void make_bundle(const std::string& name, const std::string& run) {
    for (const char* part : {"", "/service", "/supervise"}) dir_.make_directory(name + part);
    dir_.write_script(name + "/service/run", run);
    dir_.write_script(name + "/service/restart", "exit 1");
  }
  void load(const std::string& name) {
    const Result<UniqueFd> supervise = open_directory(dir_.fd(), (name + "/supervise").c_str());
    const Result<UniqueFd> service = open_directory(dir_.fd(), (name + "/service").c_str());
    ASSERT_TRUE(supervise && service);
    const int descriptors[] = {supervise->get(), service->get()};
    MessageBytes bytes = encode_message(Request::Load, name);
    iovec data{bytes.data(), bytes.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptors)]{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptors);
    std::memcpy(CMSG_DATA(header), descriptors, sizeof descriptors);
    ASSERT_GE(::sendmsg(client_.get(), &message, 0), 0);
    EXPECT_TRUE(until([&] { return dir_.exists(name + "/supervise/ok"); }));
  }
  void tell(const std::string& name, const char* letters) {
    const UniqueFd control(
        ::open(dir_.path(name + "/supervise/control").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    ASSERT_EQ(write_all(control.get(), letters), 0);
  }
  /// Paused, pending and activity.
  [[nodiscard]] std::string flags(const std::string& name) {
    const std::string status = dir_.read(name + "/supervise/status");
    return status.size() == 87 ? std::string{status[17] != 0 ? status[17] : '-', char('0' + status[18])} : "";
  }
  bool until(const std::function<bool()>& so) {
    Heartbeat heartbeat;
    const Instant end = real_.now().steady + std::chrono::seconds(10);
    while (!so()) {
      if (real_.now().steady >= end) return false;
      loop_.timers().arm(heartbeat, clock_.now().steady + std::chrono::milliseconds(10));
      supervisor_.turn();
    }
    loop_.timers().disarm(heartbeat);
    return true;
  }
  std::string said() {
    said_ = true;
    return ::testing::internal::GetCapturedStderr();
  }

  test::TestDirectory dir_;
  SystemClock real_;
  test::AdvancedClock clock_;
  Signals signals_;
  SystemSpawner spawner_;
  EventLoop loop_{clock_};
  Supervisor supervisor_{loop_, spawner_};
  UniqueFd door_, client_;
  std::optional<Manager> manager_;
  bool said_ = false;
};

TEST_F(ManagerTest, SaysWhatItDoes) {
  make_bundle("web", "exec sleep 1000");
  load("web");
  tell("web", "u");
  EXPECT_TRUE(until([&] { return flags("web") == "-3"; }));
  const std::string pid = std::to_string(supervisor_.groups().front()->machine().main.record.pid);
  tell("web", "xd");
  EXPECT_TRUE(until([&] { return supervisor_.empty(); }));
  const std::string text = said();
  EXPECT_EQ(text.substr(0, text.find("restart")),
            "service-manager: DEBUG: load web\n"
            "service-manager: INFO: web/run: pid " +
                pid +
                "\n"
                "service-manager: DEBUG: set unload after stop web\n"
                "service-manager: INFO: web/");
  EXPECT_TRUE(text.ends_with("service-manager: DEBUG: unloading web\n"));
}

TEST_F(ManagerTest, EndsThoughOneServiceDoesNot) {
  make_bundle("deaf", "trap '' TERM\necho > ../up\nexec sleep 1000");
  make_bundle("kept", "trap '' TERM\necho > ../up\nexec sleep 1000");
  dir_.write("kept/service/no_kill_signal", "");
  make_bundle("good", "echo > ../up\nexec sleep 1000");
  for (const char* name : {"deaf", "kept", "good"}) {
    load(name);
    tell(name, "u");
    EXPECT_TRUE(until([&] { return dir_.exists(std::string(name) + "/up"); }));
  }
  manager_->shut_down();
  EXPECT_TRUE(until([&] { return supervisor_.size() == 2; }));
  EXPECT_EQ(flags("deaf"), "d3");
  clock_.advance(std::chrono::seconds(91));
  EXPECT_TRUE(until([&] { return supervisor_.size() == 1; }));
  EXPECT_EQ(flags("kept"), "d3");
  EXPECT_FALSE(manager_->over());
  // Brought up again, it is nobody's to kill; wanted down again, it is as stubborn as before.
  ASSERT_EQ(std::filesystem::remove(dir_.path("kept/service/no_kill_signal")), true);
  tell("kept", "u");
  EXPECT_TRUE(until([&] { return flags("kept") == "-3"; }));
  clock_.advance(std::chrono::seconds(91));
  EXPECT_TRUE(until([&] { return loop_.timers().next() > clock_.now().steady; }));
  EXPECT_EQ(flags("kept"), "-3");
  tell("kept", "d");
  EXPECT_TRUE(until([&] { return flags("kept") == "d3"; }));
  clock_.advance(std::chrono::seconds(91));
  EXPECT_TRUE(until([&] { return manager_->over(); }));
  const std::string text = said();
  EXPECT_NE(text.find("INFO: Shutdown requested but there are 3 services still active.\n"), text.npos);
  EXPECT_NE(text.find("INFO: Shutdown requested but there are 1 services still active.\n"), text.npos);
  EXPECT_NE(text.find("WARNING: deaf: killed, since it has not ended in time\n"), text.npos);
  EXPECT_EQ(text.find("WARNING: good"), text.npos);
}

}  // namespace
}  // namespace kindred::nosh
