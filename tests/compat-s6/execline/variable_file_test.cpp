#include "compat-s6/execline/variable_file.h"

#include <gtest/gtest.h>

namespace kindred::execline {
namespace {

std::string read(std::string_view text) {
  const VariableFile file = read_variables(text);
  if (file.wrong_line) return "line " + std::to_string(*file.wrong_line);
  std::string all;
  for (const VariableChange& change : file.changes) all += change.name + "=" + *change.value + ";";
  return all;
}

// interfaces/execline.md section 9.
TEST(ReadVariables, TakesBlanksAwayAroundANameAndAValue) {
  EXPECT_EQ(read("A=1\n  B =\t two words \r\n\n# none\n C=\nD=x # y"), "A=1;B=two words;C=;D=x # y;");
}

TEST(ReadVariables, QuotedAndEscapedBlanksStay) {
  EXPECT_EQ(read("A=\" a \" \nB=b\\ \nC=\"\\t\\x41\\101\"x\nD=a\\\nb\nE=\"a\\\nb\"\nF='s'"),
            "A= a ;B=b ;C=\tAAx;D=ab;E=ab;F='s';");
}

TEST(ReadVariables, AWrongLineIsCountedFromOne) {
  EXPECT_EQ(read("A=1 \nB"), "line 2");
  EXPECT_EQ(read("A=1\t\n\n# c\nB=\\q"), "line 4");
  EXPECT_EQ(read("A=\"x\ny\""), "line 1");
  for (const char* wrong : {"=x", "A B=1", "\"A\"=1", "A\\=1", "A=\\", "A=\"\\", "A=\"\\x4\"", "A=\"\\400\""})
    EXPECT_EQ(read(wrong), "line 1") << wrong;
  EXPECT_EQ(read(std::string_view("A=a\0b", 5)), "line 1");
  EXPECT_EQ(read("A=\"\\x00\""), "line 1");
}

}  // namespace
}  // namespace kindred::execline
