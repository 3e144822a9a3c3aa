#include "core/client/event_subscription.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <cerrno>
#include <filesystem>

#include "core/sys/event_directory.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

class EventSubscriptionTest : public ::testing::Test {
 protected:
  EventSubscriptionTest() { dir_.make_directory("event"); }
  [[nodiscard]] EventSubscription subscribe() const {
    auto subscription = EventSubscription::open(dir_.fd(), "event");
    EXPECT_TRUE(subscription);
    return std::move(*subscription);
  }
  void notify(std::string_view events) const {
    EXPECT_EQ(event_directory::notify(dir_.fd(), "event", events), 0);
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path("event")))
      names.push_back(entry.path().filename());
    return names;
  }
  test::TestDirectory dir_;
};

TEST_F(EventSubscriptionTest, HearsWhatIsToldInOrder) {
  const EventSubscription subscription = subscribe();
  EXPECT_EQ(subscription.take(), "");
  notify("s");
  notify("OD");
  pollfd ready{.fd = subscription.fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&ready, 1, 0), 1);
  EXPECT_EQ(subscription.take(), "sOD");
  EXPECT_EQ(subscription.take(), "");
  EXPECT_EQ(poll(&ready, 1, 0), 0);
}

TEST_F(EventSubscriptionTest, EachHasItsOwnFifoForThePrivate) {
  const EventSubscription one = subscribe(), two = subscribe();
  ASSERT_EQ(names().size(), 2U);
  for (const std::string& name : names()) {
    EXPECT_TRUE(event_directory::is_listener(name)) << name;
    const struct stat st = dir_.look("event/" + name);
    EXPECT_TRUE(S_ISFIFO(st.st_mode));
    EXPECT_EQ(st.st_mode & 07777U, 0600U);
  }
  notify("u");
  EXPECT_EQ(one.take(), "u");
  EXPECT_EQ(two.take(), "u");
}

TEST_F(EventSubscriptionTest, LeavesNothingBehind) {
  {
    EventSubscription first = subscribe();
    const EventSubscription moved = std::move(first);
    EXPECT_EQ(names().size(), 1U);
  }
  EXPECT_TRUE(names().empty());
}

TEST_F(EventSubscriptionTest, ALongStringArrivesWhole) {
  const EventSubscription subscription = subscribe();
  const std::string many(1500, 'u');
  notify(many);
  EXPECT_EQ(subscription.take(), many);
}

TEST_F(EventSubscriptionTest, ThereMustBeADirectory) {
  EXPECT_EQ(EventSubscription::open(dir_.fd(), "none").error().code, ENOENT);
  dir_.write("file", "");
  EXPECT_EQ(EventSubscription::open(dir_.fd(), "file").error().code, ENOTDIR);
}

}  // namespace
}  // namespace kindred
