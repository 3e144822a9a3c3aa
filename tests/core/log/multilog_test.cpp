#include "core/log/multilog.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kindred {
namespace {

constexpr MultilogDialect kPlain;
constexpr MultilogDialect kExtended{16777215, true, true, true};

LogScript parse(std::vector<std::string> words, const MultilogDialect& dialect = kPlain) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return parse_multilog(pointers, dialect);
}

TEST(MultilogScript, StampsOnlyAsTheFirstWord) {
  EXPECT_EQ(parse({"t", "./d"}).lines.stamp, StampKind::Tai10);
  EXPECT_EQ(parse({"tail", "./d"}).lines.stamp, StampKind::Tai10);
  EXPECT_EQ(parse({"./d", "t"}).lines.stamp, StampKind::None);
  EXPECT_EQ(parse({"T", "./d"}).lines.stamp, StampKind::None);
  EXPECT_EQ(parse({"T", "./d"}, kExtended).lines.stamp, StampKind::Seconds);
}

TEST(MultilogScript, SettingsAreForTheDirectoriesThatFollow) {
  const LogScript script = parse({"./a", "s5000", "n7", "!tr a b", "/b", "n3", "./c"});
  ASSERT_EQ(script.outlets.size(), 3U);
  EXPECT_EQ(script.outlets[0].path, "./a");
  EXPECT_EQ(script.outlets[0].rules.size.max, 99999U);
  EXPECT_EQ(script.outlets[0].rules.keep.count, 9U);
  EXPECT_FALSE(script.outlets[0].rules.processor.there());
  EXPECT_EQ(script.outlets[1].path, "/b");
  EXPECT_EQ(script.outlets[1].rules.size.max, 5000U);
  EXPECT_EQ(script.outlets[1].rules.keep.count, 6U);
  EXPECT_EQ(script.outlets[1].rules.processor.argv, (std::vector<std::string>{"/bin/sh", "-c", "tr a b"}));
  EXPECT_EQ(script.outlets[2].rules.keep.count, 2U);
}

TEST(MultilogScript, NumbersAreBroughtIntoTheirBounds) {
  const auto size = [](const char* word) { return parse({word, "./d"}).outlets[0].rules.size.max; };
  EXPECT_EQ(size("s"), 4096U);
  EXPECT_EQ(size("sx"), 4096U);
  EXPECT_EQ(size("s4095"), 4096U);
  EXPECT_EQ(size("s5000kilobytes"), 5000U);
  EXPECT_EQ(size("s99999999999999999999999999"), 16777215U);
  EXPECT_EQ(parse({"n1", "./d"}).outlets[0].rules.keep.count, 1U);
  EXPECT_EQ(parse({"n", "./d"}).outlets[0].rules.keep.count, 1U);
}

TEST(MultilogScript, AnEmptyProcessorIsOne) {
  EXPECT_EQ(parse({"!", "./d"}).outlets[0].rules.processor.argv,
            (std::vector<std::string>{"/bin/sh", "-c", ""}));
}

TEST(MultilogScript, PatternsAndActionsKeepTheirOrder) {
  using Kind = LogInstruction::Kind;
  const LogScript script = parse({"-a*", "+b", "e", "=status", "./d"});
  std::vector<Kind> kinds;
  for (const LogInstruction& instruction : script.instructions) kinds.push_back(instruction.kind);
  EXPECT_EQ(kinds, (std::vector{Kind::Deselect, Kind::Select, Kind::Tell, Kind::Tell, Kind::Write}));
  EXPECT_TRUE(script.patterns[0].matches("abc"));
  EXPECT_FALSE(script.patterns[1].matches("bc"));
  EXPECT_EQ(script.tellers[0].kind, Teller::Kind::StandardError);
  EXPECT_EQ(script.tellers[1].path, "status");
  EXPECT_EQ(script.tellers[1].size, 1001U);
}

TEST(MultilogScript, GlobsAndSuffixesAreTheExtendedOnes) {
  EXPECT_TRUE(parse({"F", "+[ab]c"}, kExtended).patterns[0].matches("bc"));
  EXPECT_FALSE(parse({"F", "S", "+[ab]c"}, kExtended).patterns[0].matches("bc"));
  EXPECT_FALSE(parse({"F", "+[ab]c"}).patterns[0].matches("bc"));
  EXPECT_EQ(parse({"w.gz", "./d"}).outlets[0].rules.finished, ".s");
  EXPECT_EQ(parse({"wgz", "./d"}, kExtended).outlets[0].rules.finished, ".gz");
}

TEST(MultilogScript, WhatItDoesNotKnowIsIgnored) {
  const LogScript script = parse({"", "x", "?", "\xff"});
  EXPECT_TRUE(script.instructions.empty());
  EXPECT_TRUE(script.outlets.empty());
  EXPECT_TRUE(parse({}).instructions.empty());
}

}  // namespace
}  // namespace kindred
