#include "core/base/quoted_words.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

using Words = std::vector<std::string>;

Words words(std::string_view text) {
  const QuotedWords split = split_quoted_words(text);
  EXPECT_EQ(split.end, QuotedWords::End::Whole) << text;
  return split.words;
}

TEST(QuotedWords, AnyWhiteSpaceIsBetweenThem) {
  EXPECT_EQ(words(" one\ttwo\n\v\f\rthree"), (Words{"one", "two", "three"}));
  EXPECT_EQ(words(""), Words());
  EXPECT_EQ(words("a;b | $c *"), (Words{"a;b", "|", "$c", "*"}));
}

TEST(QuotedWords, QuotesMayBeAnywhereInAWord) {
  EXPECT_EQ(words(R"(a"b c"d'e f'g)"), Words{"ab cde fg"});
  EXPECT_EQ(words(R"("" '' a""b)"), (Words{"", "", "ab"}));
  EXPECT_EQ(words("'it\"s' \"it's\""), (Words{"it\"s", "it's"}));
}

TEST(QuotedWords, ABackslashTakesTheNextByteExceptInSingleQuotes) {
  EXPECT_EQ(words(R"(\n \\ \" "\n" '\n')"), (Words{"n", "\\", "\"", "n", "\\n"}));
  EXPECT_EQ(words("a\\\nb \"c\\\nd\" 'e\\\nf'"), (Words{"ab", "cd", "e\\\nf"}));
}

TEST(QuotedWords, ABackslashBeginsAWordEvenWhereNothingFollows) {
  EXPECT_EQ(words("echo \\\n"), (Words{"echo", ""}));
  EXPECT_EQ(words("echo \\\n x"), (Words{"echo", "", "x"}));
}

TEST(QuotedWords, ACommentBeginsWhereAWordCould) {
  EXPECT_EQ(words("a#b #c 'd\n# \\\ne \\#f"), (Words{"a#b", "e", "#f"}));
  EXPECT_EQ(words("a # no end"), Words{"a"});
}

TEST(QuotedWords, AnEndThatComesTooEarlyIsTold) {
  EXPECT_EQ(split_quoted_words("a 'b").end, QuotedWords::End::InQuotes);
  EXPECT_EQ(split_quoted_words("a \"").end, QuotedWords::End::InQuotes);
  EXPECT_EQ(split_quoted_words("a \\").end, QuotedWords::End::AfterBackslash);
  EXPECT_EQ(split_quoted_words("\"a\\").end, QuotedWords::End::AfterBackslash);
}

TEST(QuotedWords, NulsAndHighBytesAreOrdinary) {
  EXPECT_EQ(words(std::string_view("a\0b \xc3\xa4", 6)), (Words{std::string("a\0b", 3), "\xc3\xa4"}));
}

}  // namespace
}  // namespace kindred
