#include "core/definition/unit_words.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

using Words = std::vector<std::string>;

TEST(UnitWords, HaveQuotesAndEscapes) {
  EXPECT_EQ(split_unit_words(" a  'b c'\t\"d e\"f "), (Words{"a", "b c", "d ef"}));
  EXPECT_EQ(split_unit_words("a\\tb \\x41 \\101 \\u00e9 '\\n'"), (Words{"a\tb", "A", "A", "\xc3\xa9", "\n"}));
  EXPECT_EQ(split_unit_words("''"), Words{""});
  EXPECT_EQ(split_unit_words(""), Words{});
  for (const char* const text : {"'a", "\"", "a\\", "\\q", "\\x4", "\\x00", "\\U00110000"})
    EXPECT_FALSE(split_unit_words(text)) << text;
}

TEST(UnitCommand, HasMarksInFront) {
  const auto commands = parse_unit_commands("-@/bin/x name \"a b\" $C");
  ASSERT_TRUE(commands);
  ASSERT_EQ(commands->size(), 1U);
  const UnitCommand& command = commands->front();
  EXPECT_EQ(command.words, (Words{"/bin/x", "a b", "$C"}));
  EXPECT_EQ(command.program_name, "name");
  EXPECT_TRUE(command.ignores_failure && command.expands && !command.privileged);
  EXPECT_TRUE(parse_unit_commands("+/x")->front().privileged);
  EXPECT_TRUE(parse_unit_commands("!!/x")->front().privileged);
  EXPECT_FALSE(parse_unit_commands(":/x")->front().expands);
  for (const char* const text : {"", " ", "-", "@/x", "; /x", "/x ; ; /y", "/x '"})
    EXPECT_FALSE(parse_unit_commands(text)) << text;
}

TEST(UnitCommand, ABareSemicolonPartsThem) {
  const auto commands = parse_unit_commands("/a b ; -/c ;");
  ASSERT_TRUE(commands);
  ASSERT_EQ(commands->size(), 2U);
  EXPECT_EQ(commands->back().words, Words{"/c"});
  EXPECT_EQ(parse_unit_commands("/a \\; ';' b;")->front().words, (Words{"/a", ";", ";", "b;"}));
}

TEST(UnitCommand, IsWrittenAsItIsRead) {
  for (const char* const text : {"/a", "-@:+/a b \"c d\" \";\" \"\" \"\\\"\\\\\"", "/a $B ${C}"}) {
    const auto commands = parse_unit_commands(text);
    ASSERT_TRUE(commands) << text;
    EXPECT_EQ(unit_command_text(commands->front()), text);
  }
}

TEST(UnitVariables, AreInBracesOrAlone) {
  for (const char* const word : {"$A", "${A}", "x${A_1}y", "$$${A}"}) EXPECT_TRUE(has_variable(word)) << word;
  for (const char* const word : {"", "$", "$$A", "x$A", "${", "${}", "${A", "$A-"})
    EXPECT_FALSE(has_variable(word)) << word;
  EXPECT_EQ(without_doubled_dollars("a$$b$$$"), "a$b$$");
  EXPECT_EQ(with_doubled_dollars("a$b"), "a$$b");
}

}  // namespace
}  // namespace kindred
