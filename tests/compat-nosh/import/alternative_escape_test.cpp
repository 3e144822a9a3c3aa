#include "compat-nosh/import/alternative_escape.h"

#include <gtest/gtest.h>

namespace kindred::nosh {
namespace {

TEST(EscapedName, TheOtherWayKeepsHyphens) {
  EXPECT_EQ(alternatively_escaped_name("a/b-.z", true), "a\\x2fb-.z");
  EXPECT_EQ(alternatively_escaped_name("A\\b:c;+@,", true), "A\\\\b\\cc;\\p\\a\\v");
  EXPECT_EQ(alternatively_escaped_name("A@ ", false), "A\\x40\\x20");
}

TEST(EscapedName, IsReadBackTheOtherWay) {
  for (const char* const name : {"a/b-.z", "A\\b:c;+@,", "", "x"})
    for (const bool sequences : {true, false})
      EXPECT_EQ(alternatively_unescaped_name(alternatively_escaped_name(name, sequences), sequences), name);
  EXPECT_EQ(alternatively_unescaped_name("a\\mb\\dc\\", true), "a-b.c\\");
  EXPECT_EQ(alternatively_unescaped_name("a\\mb", false), "a\\mb");
}

}  // namespace
}  // namespace kindred::nosh
