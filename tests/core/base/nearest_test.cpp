#include "core/base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace kindred {
namespace {

TEST(Distance, CountsWhatMustBeChanged) {
  EXPECT_EQ(distance("", ""), 0U);
  EXPECT_EQ(distance("web", "web"), 0U);
  EXPECT_EQ(distance("", "web"), 3U);
  EXPECT_EQ(distance("web", ""), 3U);
  EXPECT_EQ(distance("wb", "web"), 1U);
  EXPECT_EQ(distance("webb", "web"), 1U);
  EXPECT_EQ(distance("wen", "web"), 1U);
  EXPECT_EQ(distance("strat", "start"), 1U) << "two neighbours have changed places";
  EXPECT_EQ(distance("kitten", "sitting"), 3U);
}

TEST(Nearest, IsWhatAMistypedWordMeans) {
  const std::vector<std::string> known{"start", "stop", "status", "reload"};
  EXPECT_EQ(nearest("strat", known), "start");
  EXPECT_EQ(nearest("relaod", known), "reload");
  EXPECT_EQ(nearest("satus", known), "status");
}

TEST(Nearest, GuessesNothing) {
  EXPECT_EQ(nearest("halt", std::vector<std::string>{"start", "stop"}), "");
  EXPECT_EQ(nearest("x", std::vector<std::string>{"a", "ab"}), "") << "of a short word nothing would be left";
  EXPECT_EQ(nearest("web0", std::vector<std::string>{"web1", "web2"}), "") << "both are as near";
  EXPECT_EQ(nearest("web0", std::vector<std::string>{"web1", "web1"}), "web1") << "one name, twice";
  EXPECT_EQ(nearest("web", {}), "");
}

TEST(Nearest, AsNearOnesDoNotHideANearerOne) {
  EXPECT_EQ(nearest("worker10", std::vector<std::string>{"worker21", "worker33", "worker1"}), "worker1");
}

}  // namespace
}  // namespace kindred
