#include "compat-s6/execline/value.h"

#include <gtest/gtest.h>

namespace kindred::execline {
namespace {

using Words = std::vector<std::string>;

// interfaces/execline.md section 7.
TEST(WordsOf, SplitsCrunchesAndChomps) {
  const ValueRules splits{.splits = true}, crunches{.crunches = true, .splits = true};
  const ValueRules chomps{.chomps = true, .splits = true}, one{.chomps = true};
  EXPECT_EQ(words_of("  a  b ", splits), (Words{"", "", "a", "", "b"}));
  EXPECT_EQ(words_of("  a  b  ", crunches), (Words{"", "a", "b"}));
  EXPECT_EQ(words_of("a b c", chomps), (Words{"a", "b"}));
  EXPECT_EQ(words_of("a b c ", chomps), (Words{"a", "b", "c"}));
  EXPECT_EQ(words_of("a  ", chomps), (Words{"a"}));
  EXPECT_EQ(words_of("a b  ", one), (Words{"a b "}));
  EXPECT_EQ(words_of("", splits), Words{});
  EXPECT_EQ(words_of("", {}), Words{""});
  EXPECT_EQ(words_of("a:b::c", {.splits = true, .delimiters = ":"}), (Words{"a", "b", "", "c"}));
}

TEST(WordsOf, NetstringsAreWholeOrNothing) {
  const ValueRules rules{.splits = true, .delimiters = ""};
  EXPECT_EQ(words_of("1:a,3:b c,0:,", rules), (Words{"a", "b c", ""}));
  for (const char* wrong : {"1:a", "1:ab,", "x", ":,", "99999999999999999999:a,", "2:a,", "-1:,", "1a,"})
    EXPECT_FALSE(words_of(wrong, rules)) << wrong;
  EXPECT_EQ(words_of("1:a", {.delimiters = ""}), (Words{"1:a"}));
}

TEST(Netstring, MayComeInParts) {
  for (const char* part : {"", "1", "12:", "3:ab", "3:abc"}) EXPECT_TRUE(may_begin_netstring(part)) << part;
  for (const char* wrong : {"a", "1a", "1:ab", ":", "-1"}) EXPECT_FALSE(may_begin_netstring(wrong)) << wrong;
}

}  // namespace
}  // namespace kindred::execline
