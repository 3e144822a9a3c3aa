#include "core/log/line_pattern.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

bool star(const char* pattern, const char* line) { return LinePattern::star(pattern).matches(line); }
bool plus(const char* pattern, const char* line) { return LinePattern::star_plus(pattern).matches(line); }
bool regex(const char* pattern, const char* line) {
  const auto compiled = LinePattern::regex(pattern);
  return compiled && compiled->matches(line);
}

TEST(StarPattern, AStarSkipsToTheFirstSuchByteAndNoFurther) {
  EXPECT_TRUE(star("a*bc", "axbc"));
  EXPECT_FALSE(star("a*bc", "abxbc"));
  EXPECT_FALSE(star("*b", "xbxb"));
  EXPECT_TRUE(star("* one", "xy one"));
  EXPECT_FALSE(star("* one", "  one"));
}

TEST(StarPattern, AStarAtTheEndMatchesAnything) {
  EXPECT_TRUE(star("a*", "a"));
  EXPECT_TRUE(star("*", ""));
  EXPECT_FALSE(star("", "a"));
  EXPECT_TRUE(star("", ""));
}

TEST(StarPattern, OfTwoStarsTheSecondIsLiteralForTheFirst) {
  EXPECT_TRUE(star("**", "a*b"));
  EXPECT_FALSE(star("**", "ab"));
}

TEST(StarPlusPattern, APlusIsOneOrMore) {
  EXPECT_TRUE(plus("+ab", "aaab"));
  EXPECT_FALSE(plus("+ab", "b"));
  EXPECT_TRUE(plus("+b and more", "bbb"));
}

TEST(StarPlusPattern, AnEmptyLineIsNoRunOfWhatCameBefore) { EXPECT_FALSE(plus("+a", "")); }

TEST(GlobPattern, IsAShellsAndASlashIsNothingSpecial) {
  EXPECT_TRUE(LinePattern::glob("a*c").matches("a/b.c"));
  EXPECT_TRUE(LinePattern::glob("[!x]*").matches("yes"));
  EXPECT_FALSE(LinePattern::glob("[!x]*").matches("xes"));
}

TEST(RegexPattern, MatchesAnywhere) {
  EXPECT_TRUE(regex("b+c", "abbbcd"));
  EXPECT_FALSE(regex("^b+c", "abbbcd"));
  EXPECT_FALSE(LinePattern::regex("(a"));
}

// What is plain text is found without regexec(3), with the same answer.
TEST(RegexPattern, PlainTextKeepsItsAnchors) {
  EXPECT_TRUE(regex("bc", "abcd"));
  EXPECT_FALSE(regex("^bc", "abcd"));
  EXPECT_TRUE(regex("^ab", "abcd"));
  EXPECT_TRUE(regex("cd$", "abcd"));
  EXPECT_FALSE(regex("bc$", "abcd"));
  EXPECT_TRUE(regex("^abcd$", "abcd"));
  EXPECT_FALSE(regex("^abc$", "abcd"));
}

}  // namespace
}  // namespace kindred
