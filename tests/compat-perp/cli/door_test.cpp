// A directory that perpd supervises, as other families' clients see it: through the door beside it.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "compat-perp/dialect.h"
#include "compat-perp/programs.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "tests/core/temporary_directory.h"

namespace kindred::perp {
namespace {

class PerpdDoor : public ::testing::Test {
 protected:
  PerpdDoor() {
    base_.make_directory("web");
    base_.write_script("web/rc.main", "[ $1 = start ] && exec sleep 1000\nexit 0\n");
    chmod(base_.path("web").c_str(), 01755);
    pid_ = fork();
    if (pid_ == 0) {
      std::string base = base_.path();
      char name[] = "perpd";
      char* argv[] = {name, base.data(), nullptr};
      _exit(perpd_main(2, argv));
    }
  }
  ~PerpdDoor() override {
    kill(pid_, SIGTERM);
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    EXPECT_EQ(status, 0);
  }

  static bool until(const std::function<bool()>& so) {
    for (int i = 0; i < 1000; ++i) {
      if (so()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  test::TestDirectory base_;
  pid_t pid_ = 0;
};

TEST_F(PerpdDoor, IsFoundAskedAndTold) {
  const KnownFamilies known{*find_family(families(), "runit"), families()};
  const Result<ServiceDirectory> web = ServiceDirectory::open(AT_FDCWD, base_.path("web").c_str());
  ASSERT_TRUE(web);
  const auto phase = [&] {
    const Result<Observation> seen = web->observe(known);
    return seen ? seen->status.snapshot.main.phase : Phase::Failed;
  };
  EXPECT_TRUE(until([&] { return phase() == Phase::Running; }));
  EXPECT_EQ(web->supervisor(known), &dialect());
  EXPECT_TRUE(*web->supervised(known));
  Result<ControlChannel> channel = ControlChannel::open(*web, dialect().layout);
  ASSERT_TRUE(channel);
  EXPECT_TRUE(channel->send("d", ControlChannel::WhenFull::Refuse));
  EXPECT_EQ(channel->unread(), 0U);
  EXPECT_TRUE(until([&] { return phase() == Phase::Stopped; }));
  EXPECT_FALSE(channel->send("Z", ControlChannel::WhenFull::Refuse));
}

TEST_F(PerpdDoor, SaysNothingOfADirectoryThatIsNotActivated) {
  base_.make_directory("idle");
  const KnownFamilies known{no_family(), families()};
  const Result<ServiceDirectory> idle = ServiceDirectory::open(AT_FDCWD, base_.path("idle").c_str());
  ASSERT_TRUE(idle);
  EXPECT_TRUE(until([&] { return base_.exists(".control/perpd.sock"); }));
  EXPECT_EQ(idle->supervisor(known), &no_family());
  EXPECT_FALSE(*idle->supervised(dialect().layout));
}

}  // namespace
}  // namespace kindred::perp
