#include "core/native/command_line.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

TEST(Folded, WhatIsWiderThanATerminalIsFoldedAtBlanks) {
  const std::string word(30, 'x');
  EXPECT_EQ(folded(word + " " + word + "\n" + word), word + " " + word + "\n" + word) << "it fits";
  EXPECT_EQ(folded(word + " " + word + " " + word + "\n" + word, 0, 2),
            word + " " + word + "\n  " + word + " " + word);
  EXPECT_EQ(folded(word + " " + word, 30, 7), word + "\n       " + word);
  EXPECT_EQ(folded("a\nb\n\n" + word + " " + word + " " + word),
            "a\nb\n\n" + word + " " + word + "\n" + word);
  EXPECT_EQ(folded(std::string(100, 'x')), std::string(100, 'x')) << "no word is cut";
  EXPECT_EQ(folded(""), "");
}

}  // namespace
}  // namespace kindred
