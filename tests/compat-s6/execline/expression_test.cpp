#include "compat-s6/execline/expression.h"

#include <gtest/gtest.h>

#include <vector>

namespace kindred::execline {
namespace {

/// '1', '0', or what is wrong. "-f yes" holds; "a = a" does; what "-e" is asked is told.
std::string evaluated(const std::vector<const char*>& words, std::string* asked = nullptr) {
  const Verdict verdict =
      evaluate(words, {[&](std::string_view operation, const char* operand) {
                         if (asked != nullptr && operation == "-e") *asked += operand;
                         return Verdict{std::string_view(operand) == "yes"};
                       },
                       [](const char* left, std::string_view operation, const char* right) {
                         if (operation == "-eq") return Verdict{false, "no number"};
                         return Verdict{(std::string_view(left) == right) == (operation == "=")};
                       }});
  return verdict.wrong.empty() ? verdict.holds ? "1" : "0" : verdict.wrong;
}

// interfaces/execline.md section 16.
TEST(Expression, AndBindsTighterThanOrAndNotTightest) {
  EXPECT_EQ(evaluated({"", "-o", "", "-a", "x"}), "0");
  EXPECT_EQ(evaluated({"x", "-o", "x", "-a", ""}), "1");
  EXPECT_EQ(evaluated({"(", "x", "-o", "x", ")", "-a", ""}), "0");
  EXPECT_EQ(evaluated({"!", "", "-a", "x"}), "1");
  EXPECT_EQ(evaluated({"!", "(", "x", "-a", "", ")"}), "1");
  EXPECT_EQ(evaluated({"!", "!", "!", "x"}), "0");
  EXPECT_EQ(evaluated({"-f", "yes", "-a", "a", "=", "a"}), "1");
}

TEST(Expression, AWordIsAnOperatorUnlessItIsQuoted) {
  EXPECT_EQ(evaluated({"\\-n"}), "1");
  EXPECT_EQ(evaluated({"-z", "\\"}), "1");
  EXPECT_EQ(evaluated({"\\=", "=", "="}), "parse error at argument 2");
  EXPECT_EQ(evaluated({}), "0");
}

TEST(Expression, WhatNeedNotBeKnownIsNotAsked) {
  std::string asked;
  EXPECT_EQ(evaluated({"x", "-o", "-e", "1"}, &asked), "1");
  EXPECT_EQ(evaluated({"", "-a", "(", "-e", "2", "-o", "-e", "3", ")"}, &asked), "0");
  EXPECT_EQ(evaluated({"x", "-o", "a", "-eq", "b"}), "1");
  EXPECT_EQ(evaluated({"", "-o", "a", "-eq", "b"}), "no number");
  EXPECT_EQ(evaluated({"", "-a", "x", "-o", "-e", "yes"}, &asked), "1");
  EXPECT_EQ(asked, "yes");
}

TEST(Expression, AFaultIsNamedByItsArgument) {
  EXPECT_EQ(evaluated({"a", "b"}), "parse error at argument 1");
  EXPECT_EQ(evaluated({"x", "-a"}), "parse error at argument 2");
  EXPECT_EQ(evaluated({"-n"}), "parse error at argument 1");
  EXPECT_EQ(evaluated({"(", "x"}), "parse error: too many left parentheses");
  EXPECT_EQ(evaluated({"x", ")"}), "parse error: bad right parenthesis at argument 1");
}

TEST(Expression, ParenthesesMayBeMany) {
  std::vector<const char*> words(200000, "(");
  EXPECT_EQ(evaluated(words), "parse error at argument 200000");
  words.push_back("x");
  words.insert(words.end(), 200000, ")");
  EXPECT_EQ(evaluated(words), "1");
}

}  // namespace
}  // namespace kindred::execline
