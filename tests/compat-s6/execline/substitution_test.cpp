#include "compat-s6/execline/substitution.h"

#include <gtest/gtest.h>

#include <deque>

namespace kindred::execline {
namespace {

using Words = std::vector<std::string>;

std::optional<Words> replaced(const Words& words, const std::vector<Variable>& variables,
                              std::size_t most = 1 << 20) {
  Words memory = words;
  std::vector<char*> pointers;
  for (std::string& word : memory) pointers.push_back(word.data());
  std::deque<std::string> made;
  const auto result = substitute(pointers, variables, most,
                                 [&](std::string word) { return made.emplace_back(std::move(word)).data(); });
  if (!result) return std::nullopt;
  return Words(result->begin(), result->end());
}

// interfaces/execline.md section 6.
TEST(Substitute, AReferenceIsTheWholeName) {
  const std::vector<Variable> v{{"v", {"V"}}};
  EXPECT_EQ(replaced({"$v", "a${v}b", "$v$v", "$v.", "$vw", "${v", "${}", "$$v", "$v{x}"}, v),
            (Words{"V", "aVb", "VV", "$v.", "$vw", "${v", "${}", "$V", "V{x}"}));
}

TEST(Substitute, BackslashesHalveBeforeAKnownName) {
  const std::vector<Variable> v{{"v", {"V"}}};
  EXPECT_EQ(replaced({"\\$v", "\\\\$v", "\\\\\\$v", "\\\\\\$w", "$v\\$v"}, v),
            (Words{"$v", "\\V", "\\$v", "\\\\\\$w", "V$v"}));
}

TEST(Substitute, SeveralWordsMultiply) {
  const std::vector<Variable> both{{"a", {"1", "2"}}, {"b", {"x", "y"}}, {"none", {}}};
  EXPECT_EQ(replaced({"${a}-$b"}, both), (Words{"1-x", "1-y", "2-x", "2-y"}));
  EXPECT_EQ(replaced({"k", "x${none}y$a", "l"}, both), (Words{"k", "l"}));
  EXPECT_EQ(replaced({"$a"}, {{"a", {"$b"}}, {"b", {"B"}}}), (Words{"$b"}));
}

TEST(Substitute, AProductThatNoKernelTakesIsNotMade) {
  const std::vector<Variable> many{{"m", Words(1000, "x")}};
  EXPECT_FALSE(replaced({"$m$m$m$m$m$m$m$m"}, many));
  EXPECT_FALSE(replaced(Words(100, "abc"), {}, 500));
}

TEST(GoodKeys, AreNamedOnce) {
  EXPECT_TRUE(are_good_keys(std::vector<Variable>{{"a", {}}, {"b", {}}}));
  EXPECT_FALSE(are_good_keys(std::vector<Variable>{{"", {}}}));
  EXPECT_FALSE(are_good_keys(std::vector<Variable>{{"a", {}}, {"b", {}}, {"a", {}}}));
}

}  // namespace
}  // namespace kindred::execline
