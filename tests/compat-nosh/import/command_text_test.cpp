#include "compat-nosh/import/command_text.h"

#include <gtest/gtest.h>

namespace kindred::nosh {
namespace {

TEST(ScriptWord, IsQuotedWhereItMustBe) {
  EXPECT_EQ(script_word("/usr/a-b_c.d9"), "/usr/a-b_c.d9");
  EXPECT_EQ(script_word(""), "\"\"");
  EXPECT_EQ(script_word("a b"), "\"a b\"");
  EXPECT_EQ(script_word("\"\\"), "\"\\\"\\\\\"");
}

TEST(ScriptCommand, IsAsItIsWithoutVariables) {
  for (const char* const command : {"/x 'a b' \"z;\"", "/x '$A'", "/x \\$A", "/x ; | &", "/x \"\\$\"", ""})
    EXPECT_EQ(script_command(command), command);
  EXPECT_EQ(script_command("-/x"), "/x");
}

TEST(ScriptCommand, IsAShellsWithThem) {
  EXPECT_EQ(script_command("-/x $A \"b;$C\" '$e' ; &"), "sh -c \"exec /x $A \\\"b;$C\\\" '$e' \\\\; \\\\&\"");
  EXPECT_EQ(script_command("/x \"$\""), "sh -c \"exec /x \\\"$\\\"\"");
}

TEST(ShellCommand, KeepsWhatWouldPartCommands) {
  EXPECT_EQ(shell_command("/x a;b \"c;d\" e\\;f 'g&'|h"), "/x a\\;b \"c;d\" e\\;f 'g&'\\|h");
}

}  // namespace
}  // namespace kindred::nosh
