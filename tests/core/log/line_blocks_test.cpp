// A script over blocks of bytes: however the input is cut into blocks, the same comes out.

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "core/log/line_program.h"

namespace kindred {
namespace {

/// Collects what is told.
struct Told final : LineListener {
  std::string text;
  void on_tell(const Teller& teller, const LineFormat& format, Stamps& stamps,
               std::string_view line) override {
    text += teller.intro;
    for (const StampKind kind : format.stamps) text += stamps.text(kind);
    text += format.prefix;
    text += line;
    text += '|';
  }
};

/// What comes of the input, for each outlet, and what is told.
struct Output {
  std::vector<std::string> outlets;
  std::string told;
  bool operator==(const Output&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Output& output) {
  for (const std::string& text : output.outlets) out << testing::PrintToString(text) << ' ';
  return out << "told " << testing::PrintToString(output.told);
}

constexpr WallTime kNow{1'000'000'000, 123'456'500};

class Feeding {
 public:
  explicit Feeding(const LogScript& script) : program(script, told) {
    output.outlets.resize(script.outlets.size());
  }
  void feed(std::string_view block) {
    Stamps stamps;
    stamps.set(kNow);
    while (!block.empty()) {
      program.feed(block, stamps);
      collect();
    }
  }
  void collect() {
    for (std::size_t i = 0; i < output.outlets.size(); ++i) {
      output.outlets[i] += program.buffers()[i].text();
      program.buffers()[i].taken(program.buffers()[i].text().size());
    }
    output.told = told.text;
  }
  Output finish() {
    program.finish();
    collect();
    return output;
  }
  Told told;
  LineProgram program;
  Output output;
};

Output run(const LogScript& script, std::string_view input) {
  Feeding once(script);
  once.feed(input);
  return once.finish();
}

LogInstruction write_to(std::size_t outlet, LineFormat format = {}) {
  return {LogInstruction::Kind::Write, outlet, std::move(format)};
}

LogScript to_one() {
  LogScript script;
  script.outlets.resize(1);
  script.instructions = {write_to(0)};
  return script;
}

std::shared_ptr<const std::array<char, 256>> dots_for_control() {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = i < 32 ? '.' : static_cast<char>(i);
  return std::make_shared<const std::array<char, 256>>(table);
}

// ---- lines

TEST(LineBlocks, LinesGoAsTheyAre) { EXPECT_EQ(run(to_one(), "a\n\nbc\n").outlets[0], "a\n\nbc\n"); }

TEST(LineBlocks, ALastLineIsCompletedWhereTheRulesSaySo) {
  LogScript script = to_one();
  EXPECT_EQ(run(script, "a\nb").outlets[0], "a\nb\n");
  EXPECT_EQ(run(script, "a\n").outlets[0], "a\n");
  EXPECT_EQ(run(script, "").outlets[0], "");
  script.lines.completes_last = false;
  EXPECT_EQ(run(script, "a\nb").outlets[0], "a\nb");
}

TEST(LineBlocks, AnUnfinishedLineIsHeldUntilItsEndOrItsLimit) {
  LogScript script = to_one();
  script.lines.limit = 4;
  Feeding held(script);
  held.feed("abc");
  EXPECT_TRUE(held.program.within_line());
  EXPECT_EQ(held.program.held(), 3U);
  EXPECT_EQ(held.output.outlets[0], "");
  held.feed("de");
  EXPECT_TRUE(held.program.within_line());
  EXPECT_EQ(held.program.held(), 0U);
  EXPECT_EQ(held.output.outlets[0], "abcde");
  held.feed("\n");
  EXPECT_FALSE(held.program.within_line());
  EXPECT_EQ(held.output.outlets[0], "abcde\n");
}

TEST(LineBlocks, WithoutALimitNothingIsHeld) {
  LogScript script = to_one();
  script.lines.limit = 0;
  Feeding stream(script);
  stream.feed("abc");
  EXPECT_EQ(stream.output.outlets[0], "abc");
  EXPECT_EQ(stream.program.held(), 0U);
  EXPECT_TRUE(stream.program.within_line());
}

TEST(LineBlocks, AfterTheLimitTheRestFollowsUnseen) {
  LogScript script = to_one();
  script.lines.limit = 4;
  script.lines.replaced = dots_for_control();
  EXPECT_EQ(run(script, "a\tb\tc\td\ne\t\n").outlets[0], "a.b.c\td\ne.\n");
}

TEST(LineBlocks, AfterTheLimitTheRestIsALineOfItsOwn) {
  LogScript script = to_one();
  script.lines.limit = 4;
  script.lines.after_limit = LineRules::AfterLimit::NewLine;
  script.instructions[0].format.prefix = "> ";
  EXPECT_EQ(run(script, "abcdefghij\n").outlets[0], "> abcd\n> efgh\n> ij\n");
  EXPECT_EQ(run(script, "abcd\nefgh").outlets[0], "> abcd\n> efgh\n")
      << "a line of just the limit's length is one";
  EXPECT_EQ(run(script, "abcdefgh\n").outlets[0], "> abcd\n> efgh\n");
}

TEST(LineBlocks, AfterTheLimitTheRestMayGo) {
  LogScript script = to_one();
  script.lines.limit = 4;
  script.lines.after_limit = LineRules::AfterLimit::Discard;
  EXPECT_EQ(run(script, "abcdefghij\nxy\n").outlets[0], "abcd\nxy\n");
  EXPECT_EQ(run(script, "abcdefghij").outlets[0], "abcd\n");
}

TEST(LineBlocks, TheStampCountsForTheLimit) {
  LogScript script = to_one();
  script.lines.stamp = StampKind::Tai10;
  script.lines.limit = 26 + 3;
  script.lines.after_limit = LineRules::AfterLimit::Discard;
  EXPECT_EQ(run(script, "abcdef\n").outlets[0], "@400000003b9aca0a075bcbf4 abc\n");
}

TEST(LineBlocks, ANulEndsALineWhereTheRulesSaySo) {
  LogScript script = to_one();
  const std::string input("a\0b\nc\0", 6);
  EXPECT_EQ(run(script, input).outlets[0], std::string("a\0b\nc\0\n", 7));
  script.lines.nul_ends = true;
  EXPECT_EQ(run(script, input).outlets[0], "a\nb\nc\n");
}

TEST(LineBlocks, EmptyLinesGoWhereTheRulesSaySo) {
  LogScript script = to_one();
  script.lines.drops_empty = true;
  script.lines.stamp = StampKind::UtcBar;
  EXPECT_EQ(run(script, "\n\na\n\n").outlets[0], "2001-09-09_01:46:40.12345 a\n");
}

// ---- stamps, prefixes, selection

TEST(LineBlocks, StampsAndPrefixStandInTheirOrder) {
  LogScript script = to_one();
  script.instructions[0].format = {{StampKind::Tai, StampKind::UtcT}, "prefix: "};
  EXPECT_EQ(run(script, "a\n\n").outlets[0],
            "@400000003b9aca20075bcbf4 2001-09-09T01:46:40.12345 prefix: a\n"
            "@400000003b9aca20075bcbf4 2001-09-09T01:46:40.12345 prefix: \n");
}

TEST(LineBlocks, WhatStandsBeforeALineMayBeOfAnySize) {
  constexpr std::size_t kLongest = 70, kLines = 500;  // the buffer grows meanwhile
  for (std::size_t size = 0; size <= kLongest; ++size) {
    LogScript script = to_one();
    script.instructions[0].format.prefix = std::string(size, '>');
    std::string input, expected;
    for (std::size_t i = 0; i < kLines; ++i) {
      const std::string line = std::string(i % 40, 'x') + "\n";
      input += line;
      expected += script.instructions[0].format.prefix + line;
    }
    EXPECT_EQ(run(script, input).outlets[0], expected) << size;
  }
}

TEST(LineBlocks, AHeldLineHasTheStampOfItsBeginning) {
  LogScript script = to_one();
  script.lines.stamp = StampKind::Seconds;
  Feeding held(script);
  held.feed("ab");
  std::string_view rest = "c\nd\n";
  Stamps later;
  later.set({kNow.seconds + 5, 0});
  held.program.feed(rest, later);
  EXPECT_EQ(held.finish().outlets[0], "1000000000.123456 abc\n1000000005.000000 d\n");
}

TEST(LineBlocks, PatternsSeeTheStampThatIsAPartOfTheLine) {
  LogScript script = to_one();
  script.lines.stamp = StampKind::Tai10;
  script.patterns = {LinePattern::star("@* a*"), LinePattern::star("a*")};
  script.instructions = {{LogInstruction::Kind::DeselectAll, 0, {}},
                         {LogInstruction::Kind::Select, 0, {}},
                         {LogInstruction::Kind::Deselect, 1, {}},
                         write_to(0)};
  EXPECT_EQ(run(script, "b\nab\n").outlets[0], "@400000003b9aca0a075bcbf4 ab\n");
}

TEST(LineBlocks, PatternsDoNotSeeAnActionsStamp) {
  LogScript script = to_one();
  script.patterns = {LinePattern::star("a*")};
  script.instructions = {{LogInstruction::Kind::DeselectAll, 0, {}},
                         {LogInstruction::Kind::Select, 0, {}},
                         write_to(0, {{StampKind::UtcT, StampKind::None}, {}})};
  EXPECT_EQ(run(script, "b\nab\n").outlets[0], "2001-09-09T01:46:40.12345 ab\n");
}

TEST(LineBlocks, SelectionGoesOnFromActionToAction) {
  LogScript script;
  script.outlets.resize(3);
  script.tellers.resize(1);
  script.tellers[0].intro = "told: ";
  script.patterns = {LinePattern::star("a*"), LinePattern::star("*c")};
  script.instructions = {write_to(0),
                         {LogInstruction::Kind::Deselect, 0, {}},
                         write_to(1),
                         {LogInstruction::Kind::Select, 1, {}},
                         {LogInstruction::Kind::Tell, 0, {}},
                         {LogInstruction::Kind::SelectAll, 0, {}},
                         write_to(2)};
  const Output output = run(script, "ab\nac\nb\nc\n");
  EXPECT_EQ(output.outlets[0], "ab\nac\nb\nc\n");
  EXPECT_EQ(output.outlets[1], "b\nc\n");
  EXPECT_EQ(output.outlets[2], "ab\nac\nb\nc\n");
  EXPECT_EQ(output.told, "told: ac|told: b|told: c|");
}

TEST(LineBlocks, WhatNoActionTookIsSelectedForTheLastOne) {
  LogScript script;
  script.outlets.resize(2);
  script.patterns = {LinePattern::star("a*")};
  script.instructions = {{LogInstruction::Kind::DeselectAll, 0, {}},
                         {LogInstruction::Kind::Select, 0, {}},
                         write_to(0),
                         {LogInstruction::Kind::SelectIfUntouched, 0, {}},
                         write_to(1)};
  const Output output = run(script, "a\nb\n");
  EXPECT_EQ(output.outlets[0], "a\n");
  EXPECT_EQ(output.outlets[1], "b\n");
}

TEST(LineBlocks, TheRestOfALongLineGoesOnlyWhereItsBeginningWent) {
  LogScript script;
  script.lines.limit = 3;
  script.outlets.resize(2);
  script.patterns = {LinePattern::star("a*")};
  script.instructions = {write_to(0), {LogInstruction::Kind::Deselect, 0, {}}, write_to(1)};
  const Output output = run(script, "abcdef\nbcdefg\n");
  EXPECT_EQ(output.outlets[0], "abcdef\nbcdefg\n");
  EXPECT_EQ(output.outlets[1], "bcdefg\n");
}

TEST(LineBlocks, AScriptWithoutActionsDrainsItsInput) {
  EXPECT_TRUE(run(LogScript{}, std::string(100'000, 'a') + "\nb").outlets.empty());
}

// ---- buffers

TEST(LineBlocks, ItStopsWhenABufferIsFullAndGoesOnWhenItIsNot) {
  const LogScript script = to_one();
  Told told;
  LineProgram program(script, told);
  Stamps stamps;
  stamps.set(kNow);
  const std::string input = std::string(LineProgram::kFull - 1, 'a') + "\nbc\n";
  std::string_view block = input;
  program.feed(block, stamps);
  EXPECT_TRUE(program.full());
  const std::string first(program.buffers()[0].text());
  program.buffers()[0].taken(first.size() - 10);
  EXPECT_EQ(program.buffers()[0].text().size(), 10U);
  EXPECT_FALSE(program.full());
  if (!block.empty()) program.feed(block, stamps);
  EXPECT_TRUE(block.empty());
  EXPECT_EQ(first.substr(0, first.size() - 10) + std::string(program.buffers()[0].text()), input);
}

TEST(LineBlocks, AnotherProgramTakesOverTheLineThatHasBegun) {
  const LogScript script = to_one();
  Feeding first(script), second(script);
  first.feed("a\nhalf a ");
  second.program.take_over(first.program);
  EXPECT_TRUE(second.program.within_line());
  second.feed("line\n");
  EXPECT_EQ(first.output.outlets[0] + second.finish().outlets[0], "a\nhalf a line\n");
}

TEST(LineBlocks, AnotherProgramTakesOverTheRestOfALongLine) {
  LogScript script = to_one();
  script.lines.limit = 4;
  Feeding first(script), second(script);
  first.feed("abcdefg");
  second.program.take_over(first.program);
  second.feed("hi\nj\n");
  EXPECT_EQ(first.output.outlets[0] + second.finish().outlets[0], "abcdefghi\nj\n");
}

// ---- any cut

/// Scripts of all shapes.
std::vector<LogScript> scripts() {
  std::vector<LogScript> all;
  for (const auto after :
       {LineRules::AfterLimit::Stream, LineRules::AfterLimit::NewLine, LineRules::AfterLimit::Discard})
    for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{5}, std::size_t{1000}})
      for (const unsigned flags : {0U, 1U, 2U, 4U, 8U, 15U})
        for (const unsigned shape : {0U, 1U, 2U}) {
          LogScript script;
          script.lines.after_limit = after;
          script.lines.limit = limit;
          script.lines.nul_ends = (flags & 1) != 0;
          script.lines.drops_empty = (flags & 2) != 0;
          script.lines.completes_last = (flags & 4) == 0;
          if ((flags & 8) != 0) script.lines.replaced = dots_for_control();
          script.outlets.resize(2);
          script.tellers.resize(1);
          script.patterns = {LinePattern::star("a*"), LinePattern::star("*c")};
          script.instructions = {write_to(0)};
          if (shape == 1) script.instructions = {write_to(0, {{StampKind::Tai10, StampKind::None}, "p "})};
          if (shape == 2) {
            if (limit != 1 && limit != 5) script.lines.stamp = StampKind::Seconds;
            script.instructions = {{LogInstruction::Kind::Deselect, 0, {}},
                                   write_to(0),
                                   {LogInstruction::Kind::Tell, 0, {}},
                                   {LogInstruction::Kind::Select, 1, {}},
                                   write_to(1)};
          }
          all.push_back(std::move(script));
        }
  return all;
}

TEST(LineBlocks, ABlockCutAnywhereGivesTheSame) {
  constexpr char kInput[] = "abc\n\nc\0\na\tlonger line\nbc\n\0\0x\n\nabcde\nabcdef\n\tend";
  const std::string input(kInput, sizeof kInput - 1);
  // Without a limit the script sees of a line what the first block has of it: it is for scripts that do not look.
  const auto looks = [](const LogScript& script) { return script.instructions.size() > 1; };
  for (const LogScript& script : scripts()) {
    if (script.lines.limit == 0 && (looks(script) || script.lines.replaced || script.lines.drops_empty ||
                                    script.lines.after_limit != LineRules::AfterLimit::Stream))
      continue;
    const Output whole = run(script, input);
    for (std::size_t cut = 0; cut <= input.size(); ++cut) {
      for (std::size_t second = cut; second <= input.size(); second += 3) {
        Feeding parts(script);
        parts.feed(std::string_view(input).substr(0, cut));
        parts.feed(std::string_view(input).substr(cut, second - cut));
        parts.feed(std::string_view(input).substr(second));
        const Output output = parts.finish();
        ASSERT_EQ(output, whole) << "cut at " << cut << " and " << second << ", limit " << script.lines.limit
                                 << ", after it " << static_cast<int>(script.lines.after_limit);
      }
    }
  }
}

TEST(LineBlocks, LongInputInRandomBlocksGivesTheSame) {
  std::mt19937 random(1);
  std::string input;
  while (input.size() < 300'000) {
    const std::size_t size = random() % 8 == 0 ? random() % 3000 : random() % 60;
    for (std::size_t i = 0; i < size; ++i) input += static_cast<char>("abc\t\0xyz"[random() % 8]);
    input += '\n';
  }
  for (const LogScript& script : scripts()) {
    if (script.lines.limit != 1000) continue;
    const Output whole = run(script, input);
    Feeding parts(script);
    std::string_view rest = input;
    while (!rest.empty()) {
      const std::size_t size = std::min<std::size_t>(rest.size(), 1 + random() % 4000);
      parts.feed(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    ASSERT_TRUE(parts.finish() == whole) << static_cast<int>(script.lines.after_limit);
  }
}

TEST(LineBlocks, ItSaysHowMuchMayComeOfABlockAtTheMost) {
  // Of nothing but empty lines, or shortest lines, or one that goes on.
  const std::string empty(100, '\n'), long_line(100, 'b');
  std::string shortest;
  while (shortest.size() < 100) shortest += "b\n";
  for (const LogScript& script : scripts())
    for (const std::string& input : {empty, shortest, long_line, "held" + shortest})
      for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, input.size()}) {
        Feeding feeding(script);
        for (std::size_t at = 0; at < input.size(); at += piece) {
          const std::string_view block = std::string_view(input).substr(at, piece);
          std::vector<std::size_t> most;
          for (std::size_t i = 0; i < 2; ++i) most.push_back(feeding.program.most_output(i, block.size()));
          const Output before = feeding.output;
          feeding.feed(block);
          for (std::size_t i = 0; i < 2; ++i)
            ASSERT_LE(feeding.output.outlets[i].size() - before.outlets[i].size(), most[i]) << block;
        }
      }
}

TEST(LineBlocks, TheRestOfALineTakesNoStamps) {
  LogScript script = to_one();
  script.lines.stamp = StampKind::Tai10;
  const Feeding feeding(script);
  EXPECT_EQ(feeding.program.most_output(0, 64, 5000), feeding.program.most_output(0, 64) + 5000);
}

TEST(LineBlocks, ItIsNoMoreThanItsStampsMakeIt) {
  LogScript script = to_one();
  EXPECT_EQ(Feeding(script).program.most_output(0, 1000), 1001U);
  script.lines.stamp = StampKind::Tai10;
  EXPECT_EQ(Feeding(script).program.most_output(0, 1000), 1001U + 1000 * 26);
  script.lines.drops_empty = true;
  EXPECT_EQ(Feeding(script).program.most_output(0, 1000), 1001U + 501 * 26);
}

}  // namespace
}  // namespace kindred
