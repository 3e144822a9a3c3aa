#include "compat-s6/execline/lexer.h"

#include <gtest/gtest.h>

namespace kindred::execline {
namespace {

using Words = std::vector<std::string>;
using Fault = Lexer::Fault;
constexpr std::size_t kPlenty = 1 << 20;

Words lex(std::string_view script, std::size_t most = kPlenty) {
  Lexer lexer(most);
  lexer.feed(script);
  EXPECT_EQ(lexer.finish(), Fault::None) << script;
  return lexer.words();
}

Fault fault(std::string_view script, std::size_t most = kPlenty) {
  Lexer lexer(most);
  lexer.feed(script);
  return lexer.finish();
}

// interfaces/execline.md section 4.
TEST(Lexer, ABlocksWordsHaveBlanksForItsDepth) {
  EXPECT_EQ(lex("foreground { echo { a } \"\" } b"),
            (Words{"foreground", " echo", "  a", " ", " ", "", "b"}));
  EXPECT_EQ(lex("x{ }y {z} {}"), (Words{"x{", "}y", "{z}", "{}"}));
}

TEST(Lexer, AScriptMayComeByteForByte) {
  constexpr std::string_view kScript = "a { \"b\\65\\0x4a\\0101c\" \\\n d\\ e } # end";
  Lexer lexer(kPlenty);
  for (const char byte : kScript) EXPECT_TRUE(lexer.feed({&byte, 1}));
  EXPECT_EQ(lexer.finish(), Fault::None);
  EXPECT_EQ(lexer.words(), lex(kScript));
  EXPECT_EQ(lexer.words(), (Words{"a", " bAJAc", " d e", ""}));
}

TEST(Lexer, ANulEndsTheScript) { EXPECT_EQ(lex(std::string_view("a b\0 {", 6)), (Words{"a", "b"})); }

TEST(Lexer, ABackslashAfterABraceQuotesWhatFollows) {
  EXPECT_EQ(lex("a }\\\nb {\\ c"), (Words{"a", "}b", "{ c"}));
  EXPECT_EQ(fault("a }\\"), Fault::Syntax);
}

TEST(Lexer, TheEndAfterANumberIsTakenForTheQuote) {
  EXPECT_EQ(lex("\"\\65"), (Words{"A"}));
  EXPECT_EQ(fault("\"\\65\" \"a"), Fault::Syntax);
  EXPECT_EQ(fault("\"\\0x"), Fault::Syntax);
}

TEST(Lexer, EachFaultIsNamed) {
  EXPECT_EQ(fault("a }"), Fault::UnmatchedClose);
  EXPECT_EQ(fault("a { b"), Fault::UnmatchedOpen);
  EXPECT_EQ(fault("a {"), Fault::Syntax);
  EXPECT_EQ(fault("\"\\256\""), Fault::Syntax);
  EXPECT_EQ(fault("\"\\0\""), Fault::Syntax);
  EXPECT_EQ(fault("a\\"), Fault::Syntax);
}

TEST(Lexer, TakesNoMoreThanACommandLineMay) {
  constexpr std::size_t kOneWord = 2 + sizeof(char*);
  EXPECT_EQ(fault("a b", 2 * kOneWord), Fault::None);
  EXPECT_EQ(fault("a b", 2 * kOneWord - 1), Fault::TooLong);
  EXPECT_EQ(fault(std::string(1000, 'x'), 500), Fault::TooLong);
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "a { ";
  EXPECT_EQ(fault(deep), Fault::TooLong);
  Lexer lexer(100);
  EXPECT_FALSE(lexer.feed(std::string(1000, 'x')));
}

}  // namespace
}  // namespace kindred::execline
