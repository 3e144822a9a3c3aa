#include "compat-s6/execline/positional.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kindred::execline {
namespace {

Entries sorted(Entries entries) {
  std::sort(entries.begin(), entries.end());
  return entries;
}

// interfaces/execline.md sections 5 and 9.
TEST(Levels, ArePushedAndPopped) {
  const Entries before{"#=9", "10=y", "1=x", "1a=z", "2:4=q", "3:x=r", "A=1"};
  EXPECT_EQ(sorted(push(before, is_positional)),
            sorted({"#:1=9", "10:1=y", "1:1=x", "1a:1=z", "2:5=q", "3:x=r", "A=1"}));
  EXPECT_EQ(sorted(pop({"1=a", "1:1=b", "1:3=c", "1:x=d", "A:1=e"}, is_positional)),
            sorted({"1=b", "1:2=c", "1:x=d", "A:1=e"}));
  EXPECT_EQ(pop(push(before, is_option_variable), is_option_variable), before);
  EXPECT_EQ(push({"ELGETOPT_a=1", "ELGETOPT_b:4294967295=2"}, is_option_variable),
            (Entries{"ELGETOPT_a:1=1", "ELGETOPT_b:4294967295=2"}));
}

TEST(PositionalWords, AreAllThereOrNamed) {
  const auto of = [](std::vector<const char*> block) {
    block.push_back(nullptr);
    return positional_words(Environment(block.data()));
  };
  EXPECT_EQ(of({"#=2", "2=b", "1=a", "3=c"}).words, (Entries{"a", "b"}));
  EXPECT_EQ(of({"1=a"}).wrong, "# not set");
  EXPECT_EQ(of({"#=x"}).wrong, "invalid $#");
  EXPECT_EQ(of({"#=4294967295", "1=a"}).wrong, "2 not set");
}

TEST(WithWords, ReplacesNumbersAndDropsTheOnesThatAreLeft) {
  EXPECT_EQ(with_words({"#=3", "0=s", "1=a", "01=k", "2=b", "3=c", "4=d"}, {"x"}, 3),
            (Entries{"0=s", "01=k", "4=d", "#=1", "1=x"}));
}

}  // namespace
}  // namespace kindred::execline
