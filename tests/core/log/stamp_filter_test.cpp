#include "core/log/stamp_filter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>

namespace kindred {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

class SetClock final : public Clock {
 public:
  [[nodiscard]] Now now() const noexcept override { return {Instant{}, wall}; }
  WallTime wall{1'000'000'000, 123'456'500};
};

/// All that came of it, however it was cut into blocks.
std::string take(TextFilter& filter) {
  std::string text(filter.output().text());
  filter.output().taken(text.size());
  return text;
}
std::string fed(TextFilter& filter, std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    filter.feed(bytes);
    text += take(filter);
  }
  return text;
}
std::string all(TextFilter& filter, std::string_view bytes, std::size_t at_once = SIZE_MAX) {
  std::string text;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(at_once, bytes.size())))
    text += fed(filter, bytes.substr(0, at_once));
  filter.finish();
  return text + take(filter);
}

constexpr const char* kStamp = "@400000003b9aca0a075bcbf4 ";

TEST(StampAdder, StampsEachLineAlsoAnEmptyOne) {
  const SetClock clock;
  for (const std::size_t at_once : {1, 2, 1000}) {
    StampAdder adder({}, clock);
    EXPECT_EQ(all(adder, "one\n\nla\0st"sv, at_once), kStamp + "one\n"s + kStamp + "\n" + kStamp + "la\0st"s);
  }
}

TEST(StampAdder, CompletesTheLastLineWhereTheFamilyDoes) {
  const SetClock clock;
  StampAdder adder({.stamp = StampKind::Tai, .completes_last = true}, clock);
  EXPECT_EQ(all(adder, "one"), "@400000003b9aca20075bcbf4 one\n");
  StampAdder none({.completes_last = true}, clock);
  EXPECT_EQ(all(none, ""), "");
}

TEST(StampAdder, AnUnfinishedLineGoesOnWithTheStampOfItsBeginning) {
  SetClock clock;
  StampAdder adder({}, clock);
  EXPECT_EQ(fed(adder, "par"), kStamp + "par"s);
  ++clock.wall.seconds;
  EXPECT_EQ(fed(adder, "tial\nnext\n"), "tial\n@400000003b9aca0b075bcbf4 next\n");
}

TEST(StampAdder, NoStampIsEarlierThanOneBeforeIt) {
  SetClock clock;
  StampAdder adder({}, clock);
  EXPECT_EQ(fed(adder, "a\n"), kStamp + "a\n"s);
  clock.wall.seconds -= 100;
  EXPECT_EQ(fed(adder, "b\n"), kStamp + "b\n"s);
}

TEST(StampAdder, ManyEmptyLinesStayWithinTheirMemory) {
  const SetClock clock;
  StampAdder adder({}, clock);
  const std::string lines(100'000, '\n');
  std::string_view bytes = lines;
  std::size_t written = 0;
  while (!bytes.empty()) {
    adder.feed(bytes);
    EXPECT_LT(adder.output().text().size(), 2 * LineProgram::kFull);
    written += take(adder).size();
  }
  EXPECT_EQ(written, lines.size() * 27);
}

class StampReading : public testing::Test {
 protected:
  StampReading() { zone("UTC0"); }
  ~StampReading() override { zone("UTC0"); }
  static void zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  static std::string read(const StampReaderRules& rules, std::string_view bytes) {
    std::string first;
    for (const std::size_t at_once : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
      StampReader reader(rules);
      const std::string text = all(reader, bytes, at_once);
      if (first.empty()) first = text;
      EXPECT_EQ(text, first);
    }
    return first;
  }
  static constexpr StampReaderRules kAnyDigits{};
  static constexpr StampReaderRules kLeap{.offset = TaiOffset::LeapTable,
                                          .all_digits = false,
                                          .capitals = true,
                                          .before_1970 = false,
                                          .at_end = StampReaderRules::AtEnd::Kept};
};

TEST_F(StampReading, OnlyAtTheBeginningOfALine) {
  EXPECT_EQ(read(kAnyDigits, "@4000000037c219bf2ef02e94 hello\nplain\n\n x @4000000037c219bf2ef02e94\n@"),
            "1999-08-24 04:04:05.787492500 hello\nplain\n\n x @4000000037c219bf2ef02e94\n@");
  EXPECT_EQ(read(kLeap, "@400000005a5e8a2500000001 bar\n@4000000043322583000000019"),
            "2018-01-16 23:25:52.000000001 bar\n2005-09-22 03:30:43.0000000019");
}

TEST_F(StampReading, TheZoneCounts) {
  zone("XXX-5:30");
  EXPECT_EQ(read(kAnyDigits, "@4000000037c219bf2ef02e94:"), "1999-08-24 09:34:05.787492500:");
  StampReaderRules universal;
  universal.local = false;
  EXPECT_EQ(read(universal, "@4000000037c219bf2ef02e94:"), "1999-08-24 04:04:05.787492500:");
}

TEST_F(StampReading, WhichDigitsBelongToAStamp) {
  EXPECT_EQ(read(kAnyDigits, "@4000000037c219bf2ef02e94ABC"), "1999-08-24 04:04:05.787492500ABC");
  EXPECT_EQ(read(kAnyDigits, "@004000000037c219bf2ef02e94 x"), "1999-08-24 04:04:05.787492500 x");
  EXPECT_EQ(read(kAnyDigits, "@4000000037C219BF2ef02e94 x"), "@4000000037C219BF2ef02e94 x");
  EXPECT_EQ(read(kLeap, "@4000000037C219BF2ef02e94ab x"), "1999-08-24 04:03:43.787492500ab x");
  EXPECT_EQ(read(kLeap, "@004000000037c219bf2ef02e94 x"), "@004000000037c219bf2ef02e94 x");
}

TEST_F(StampReading, AStampThatEndsTheInput) {
  EXPECT_EQ(read(kAnyDigits, "@4000000037c219bf2ef02e94"), "1999-08-24 04:04:05.787492500");
  EXPECT_EQ(read(kLeap, "@4000000037c219bf2ef02e94"), "@4000000037c219bf2ef02e94");
  EXPECT_EQ(read(kLeap, "@4000000037c219bf2ef02e94\n"), "1999-08-24 04:03:43.787492500\n");
  StampReaderRules drops = kAnyDigits;
  drops.at_end = StampReaderRules::AtEnd::Dropped;
  EXPECT_EQ(read(drops, "@4000000037c219bf2ef02e94"), "");
  EXPECT_EQ(read(drops, "@4000000037c219bf2ef02e9"), "@4000000037c219bf2ef02e9");
  StampReaderRules completes = kAnyDigits;
  completes.completes_last = true;
  EXPECT_EQ(read(completes, "@4000000037c219bf2ef02e94"), "1999-08-24 04:04:05.787492500\n");
  EXPECT_EQ(read(completes, "a"), "a\n");
  EXPECT_EQ(read(completes, "a\n"), "a\n");
}

// The original viewers die of these, or show a year of twenty digits.
TEST_F(StampReading, WhatIsNoMomentStaysAsItIs) {
  for (const std::string line :
       {"@\n", "@40000000 x\n", "@00000000000000000000000000 x\n", "@800000000000000000000000 x\n",
        "@ffffffffffffffffffffffff x\n", "@3fffff0000000000ffffffff x\n", "@7fffffffffffffff00000000 x\n",
        "@4000000037c219bf3b9aca00 x\n"})
    for (const StampReaderRules& rules : {kAnyDigits, kLeap}) EXPECT_EQ(read(rules, line), line);
  const std::string endless = "@" + std::string(2000, '0') + "4000000037c219bf2ef02e94 x\n";
  EXPECT_EQ(read(kAnyDigits, endless), endless);
  EXPECT_EQ(read(kLeap, "@400000000000000900000000 x\n"), "@400000000000000900000000 x\n");
  EXPECT_EQ(read(kAnyDigits, "@400000000000000900000000 x\n"), "1969-12-31 23:59:59.000000000 x\n");
}

TEST_F(StampReading, ALeapSecondIsASixtieth) {
  EXPECT_EQ(read(kLeap, "@40000000586846a3000000051\n@40000000586846a4000000052\n@40000000586846a5000000053"),
            "2016-12-31 23:59:59.0000000051\n2016-12-31 23:59:60.0000000052\n2017-01-01 00:00:00.0000000053");
}

TEST(FilterText, TellsWhichSideFailed) {
  StampReader reader({});
  const Status failed = filter_text(-1, -1, reader);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().object, "stdin");
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  ::close(ends[1]);
  StampReader again({});
  const Status unwritten = filter_text(ends[0], -1, again);
  ASSERT_FALSE(unwritten);
  EXPECT_EQ(unwritten.error().object, "stdout");
  ::close(ends[0]);
}

}  // namespace
}  // namespace kindred
