#include "compat-s6/execline/option_words.h"

#include <gtest/gtest.h>

#include <vector>

namespace kindred::execline {
namespace {

std::string read(const std::vector<std::string>& words, std::string_view letters) {
  const OptionWords options = read_options(words, letters, "1");
  if (options.unknown != 0) return std::string("unknown ") + options.unknown;
  if (options.without_argument != 0) return std::string("alone ") + options.without_argument;
  std::string text;
  for (const auto& [letter, value] : options.values) text += std::string(1, letter) + "=" + value + " ";
  return text + std::to_string(options.used);
}

// interfaces/execline.md section 14.
TEST(ReadOptions, BundleAndTakeArguments) {
  EXPECT_EQ(read({"-a", "-b", "arg", "-c", "x", "-a"}, "ab:c"), "a=1 b=arg c=1 4");
  EXPECT_EQ(read({"-ab", "arg", "--", "-c"}, "ab:c"), "a=1 b=arg 3");
  EXPECT_EQ(read({"-bx", "-by", "-"}, "b:"), "b=y 2");
  EXPECT_EQ(read({}, "a"), "0");
}

TEST(ReadOptions, WhatIsWrongIsNamed) {
  EXPECT_EQ(read({"-a", "-z"}, "ab:"), "unknown z");
  EXPECT_EQ(read({"-:"}, "ab:"), "unknown :");
  EXPECT_EQ(read({"-ab"}, "ab:"), "alone b");
  EXPECT_EQ(read({"-ab"}, ":ab:"), ":=1 a=1 1");
}

}  // namespace
}  // namespace kindred::execline
