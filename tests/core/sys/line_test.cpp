#include "core/sys/line.h"

#include <gtest/gtest.h>

#include <string>

namespace kindred {
namespace {

TEST(Expand, ReplacesWhatItKnowsAndLeavesTheRest) {
  EXPECT_EQ(expand("a {x} b {y} {", {{"x", "1"}}).view(), "a 1 b {y} {");
  EXPECT_EQ(expand("", {}).view(), "");
}

TEST(Line, CutsWhatDoesNotFit) {
  Line line(std::string(5000, 'x'));
  EXPECT_EQ(line.view().size(), 1023U);
  EXPECT_EQ(line.add("more").view().size(), 1023U);
}

}  // namespace
}  // namespace kindred
