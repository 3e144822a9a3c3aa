#include "core/chain/ini_file.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

std::string all(std::string_view text, std::string_view prefix = "") {
  std::string out;
  for (const VariableChange& change : parse_ini(text, prefix))
    out += change.name + "=" + change.value.value_or("-") + ";";
  return out;
}

TEST(IniFile, NamesAndValues) {
  EXPECT_EQ(all("a = one\n  b\t=  two  words \nc=\nd==x\n"), "a=one;b=two  words;c=;d==x;");
  EXPECT_EQ(all("a=1"), "a=1;");
  EXPECT_EQ(all("=v\n#a=b\n", "P"), "P=v;P#a=b;");
}

TEST(IniFile, SectionsAndPrefix) {
  EXPECT_EQ(all("a=1\n[s]\na=2\n[]\na=3\n", "P_"), "P_a=1;P_s_a=2;P__a=3;");
  EXPECT_EQ(all("[s]x]\na=1\n"), "s]x_a=1;");
}

TEST(IniFile, OtherLinesAreNothing) { EXPECT_EQ(all("; a=1\nbroken\nalso broken = 1\n\n   \n"), ""); }

}  // namespace
}  // namespace kindred
