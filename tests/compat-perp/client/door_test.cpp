// A directory that perpd supervises, as other families' clients see it: through the door beside it.

#include <gtest/gtest.h>

#include <csignal>
#include <memory>

#include "compat-perp/dialect.h"
#include "compat-perp/programs.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::perp {
namespace {

using test::wait_until;

class PerpdDoor : public ::testing::Test {
 protected:
  PerpdDoor() {
    base_.make_directory("web");
    base_.write_script("web/rc.main", "[ $1 = start ] && exec sleep 1000\nexit 0\n");
    chmod(base_.path("web").c_str(), 01755);
    perpd_ = std::make_unique<test::RunningMain>(perpd_main, std::vector<std::string>{"perpd", base_.path()});
  }
  ~PerpdDoor() override {
    perpd_->kill(SIGTERM);
    EXPECT_EQ(perpd_->end().code, 0);
  }

  test::TestDirectory base_;
  std::unique_ptr<test::RunningMain> perpd_;
};

TEST_F(PerpdDoor, IsFoundAskedAndTold) {
  const KnownFamilies known{*find_family(families(), "runit"), families()};
  const Result<ServiceDirectory> web = ServiceDirectory::open(AT_FDCWD, base_.path("web").c_str());
  ASSERT_TRUE(web);
  const auto phase = [&] {
    const Result<Observation> seen = web->observe(known);
    return seen ? seen->status.snapshot.main.phase : Phase::Failed;
  };
  EXPECT_TRUE(wait_until([&] { return phase() == Phase::Running; }));
  EXPECT_EQ(web->supervisor(known), &dialect());
  EXPECT_TRUE(*web->supervised(known));
  Result<ControlChannel> channel = ControlChannel::open(*web, dialect().layout);
  ASSERT_TRUE(channel);
  EXPECT_TRUE(channel->send("d", ControlChannel::WhenFull::Refuse));
  EXPECT_EQ(channel->unread(), 0U);
  EXPECT_TRUE(wait_until([&] { return phase() == Phase::Stopped; }));
  EXPECT_FALSE(channel->send("Z", ControlChannel::WhenFull::Refuse));
}

TEST_F(PerpdDoor, SaysNothingOfADirectoryThatIsNotActivated) {
  base_.make_directory("idle");
  const KnownFamilies known{no_family(), families()};
  const Result<ServiceDirectory> idle = ServiceDirectory::open(AT_FDCWD, base_.path("idle").c_str());
  ASSERT_TRUE(idle);
  EXPECT_TRUE(wait_until([&] { return base_.exists(".control/perpd.sock"); }));
  EXPECT_EQ(idle->supervisor(known), &no_family());
  EXPECT_FALSE(*idle->supervised(dialect().layout));
}

}  // namespace
}  // namespace kindred::perp
