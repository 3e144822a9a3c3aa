#include "compat-s6/log/log_script.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kindred::s6 {
namespace {

Result<ParsedScript> parse(std::vector<std::string> words, mode_t mask = 022) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return parse_script(pointers, mask);
}
LogScript good(std::vector<std::string> words) {
  auto parsed = parse(std::move(words));
  EXPECT_TRUE(parsed);
  return parsed ? parsed->script : LogScript{};
}
std::string wrong(std::vector<std::string> words) {
  const auto parsed = parse(std::move(words));
  EXPECT_FALSE(parsed);
  return parsed ? "" : parsed.error().operation;
}

TEST(LogScript, WhatNothingElseSays) {
  const LogScript script = good({"./log"});
  ASSERT_EQ(script.outlets.size(), 1U);
  const RotationRules& rules = script.outlets[0].rules;
  EXPECT_EQ(rules.size.cut, SizeRule::Cut::AfterLine);
  EXPECT_EQ(rules.size.max, 99999U);
  EXPECT_EQ(rules.size.slack, 2000U);
  EXPECT_EQ(rules.keep.count, 10U);
  EXPECT_EQ(rules.keep.total, 0U);
  EXPECT_EQ(rules.retry, std::chrono::seconds(2));
  EXPECT_EQ(rules.every, Duration::zero());
  EXPECT_EQ(rules.open_mode, 0644U);
  EXPECT_EQ(rules.complete_mode, 0744U);
  EXPECT_FALSE(rules.processor.there());
  EXPECT_TRUE(script.lines.nul_ends);
}

TEST(LogScript, SettingsHoldForTheDirectoriesThatFollow) {
  const LogScript script = good({"n3", "s5000", "S70", "l2500", "r7", "R60", "./a", "n0", "s1", "/b"});
  ASSERT_EQ(script.outlets.size(), 2U);
  const RotationRules& first = script.outlets[0].rules;
  EXPECT_EQ(first.keep.count, 3U);
  EXPECT_EQ(first.size.max, 5000U);
  EXPECT_EQ(first.size.slack, 2500U);
  EXPECT_EQ(first.keep.total, 70U);
  EXPECT_EQ(first.retry, std::chrono::milliseconds(7));
  EXPECT_EQ(first.processor.retry, std::chrono::milliseconds(7));
  EXPECT_EQ(first.every, std::chrono::seconds(60));
  const RotationRules& second = script.outlets[1].rules;
  EXPECT_EQ(second.keep.count, 0U);
  EXPECT_EQ(second.size.max, 4096U);
  EXPECT_EQ(second.keep.total, 70U);
  EXPECT_EQ(good({"s999999999", "./log"}).outlets[0].rules.size.max, 268435455U);
}

// The original forgets `?` at the next action, and runs that directory's processor with execlineb.
TEST(LogScript, AProcessorHoldsUntilThereIsAnother) {
  using Words = std::vector<std::string>;
  const LogScript script = good({"?one", "./a", "./b", "!two", "./c", "?", "./d"});
  EXPECT_EQ(script.outlets[0].rules.processor.argv, (Words{"/bin/sh", "-c", "one"}));
  EXPECT_EQ(script.outlets[1].rules.processor.argv, (Words{"/bin/sh", "-c", "one"}));
  EXPECT_EQ(script.outlets[2].rules.processor.argv, (Words{"execlineb", "-Pc", "two"}));
  EXPECT_FALSE(script.outlets[3].rules.processor.there());
}

TEST(LogScript, StampsHoldForOneActionAndPrefixesUntilChanged) {
  const LogScript script = good({"px", "T", "t", "1", "./log", "p", "2"});
  const LineFormat& first = script.instructions[0].format;
  EXPECT_EQ(first.stamps[0], StampKind::Tai);
  EXPECT_EQ(first.stamps[1], StampKind::LocalIso);
  EXPECT_EQ(first.prefix, "x ");
  EXPECT_EQ(script.instructions[1].format.stamps[0], StampKind::None);
  EXPECT_EQ(script.instructions[1].format.prefix, "x ");
  EXPECT_TRUE(script.instructions[2].format.plain());
}

TEST(LogScript, AlertsAndStatusFiles) {
  const LogScript script = good({"2", "E5", "2", "E0", "2", "=st", "^0", "=./st"});
  EXPECT_EQ(script.tellers[0].limit, 200U);
  EXPECT_EQ(script.tellers[0].cut_from, 204U);
  EXPECT_EQ(script.tellers[1].cut_from, 9U);
  EXPECT_EQ(script.tellers[2].cut_from, 0U);
  EXPECT_EQ(script.tellers[3].path, "st");
  EXPECT_EQ(script.tellers[3].size, 1001U);
  EXPECT_TRUE(script.tellers[3].replaced);
  EXPECT_EQ(script.tellers[4].size, 0U);
}

// Lines that go to one place stay in their order, whatever actions sent them there.
TEST(LogScript, APlaceNamedTwiceIsOne) {
  const LogScript script = good({"1", "./log", "n5", "1", "./log"});
  EXPECT_EQ(script.outlets.size(), 2U);
  EXPECT_EQ(script.instructions.size(), 4U);
  EXPECT_EQ(script.instructions[3].index, 1U);
  EXPECT_EQ(script.outlets[1].rules.keep.count, 10U);
}

TEST(LogScript, WhatStandsBehindTheLastActionIsIgnored) {
  const auto selection = parse({"1", "f"});
  ASSERT_TRUE(selection);
  EXPECT_TRUE(selection->extraneous);
  EXPECT_EQ(selection->script.instructions.size(), 1U);
  const auto settings = parse({"1", "n5", "t"});
  ASSERT_TRUE(settings);
  EXPECT_FALSE(settings->extraneous);
}

TEST(LogScript, ABadWordIsNamed) {
  EXPECT_EQ(wrong({}), "no action directive specified");
  EXPECT_EQ(wrong({"n5", "+x"}), "no action directive specified");
  EXPECT_EQ(wrong({"", "1"}), "unrecognized directive: ");
  for (const std::string word : {"z", "n", "nx", "s 5", "n-1", "n+1", "s5k", "n4294967296",
                                 "S18446744073709551616", "n99999999999999999999999", "5", "\xff"})
    EXPECT_EQ(wrong({word, "1"}), "unrecognized directive: " + word);
  for (const std::string word : {"t5", "T5", "f1", "1x", "2x", "="})
    EXPECT_EQ(wrong({word, "1"}), "syntax error at directive: " + word);
  EXPECT_EQ(wrong({"+(", "1"}).rfind("unrecognized directive: +(: ", 0), 0U);
  EXPECT_EQ(wrong({"s5000", "l2501", "1"}), "directive l2501 conflicts with previous s directive");
  EXPECT_TRUE(parse({"S18446744073709551615", "n4294967295", "l49999", "1"}));
}

}  // namespace
}  // namespace kindred::s6
