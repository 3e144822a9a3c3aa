#include "core/log/line_program.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kindred {
namespace {

struct Told final : LineListener {
  void on_tell(const Teller&, const LineFormat&, Stamps&, std::string_view line) override {
    lines.push_back((program != nullptr && program->is_rest() ? "+" : "") + std::string(line));
  }
  LineProgram* program = nullptr;
  std::vector<std::string> lines;
};

LogScript written() {
  LogScript script;
  script.outlets.push_back({"./log", {}});
  script.instructions.push_back({LogInstruction::Kind::Write, 0, {}});
  return script;
}

std::shared_ptr<const std::array<char, 256>> no_controls() {
  auto table = std::make_shared<std::array<char, 256>>();
  for (std::size_t i = 0; i < table->size(); ++i) (*table)[i] = i < 0x20 ? '?' : static_cast<char>(i);
  return table;
}

/// What comes of the text, which is read in pieces of so many bytes.
std::string run(const LogScript& script, std::string_view text, std::size_t piece) {
  Told told;
  LineProgram program(script, told);
  Stamps stamps;
  stamps.set({0, 0});
  std::string out;
  const auto take = [&] {
    out += program.buffers()[0].text();
    program.buffers()[0].taken(program.buffers()[0].text().size());
  };
  while (!text.empty()) {
    std::string_view block = text.substr(0, piece);
    text.remove_prefix(block.size());
    while (!block.empty()) {
      program.feed(block, stamps);
      take();
    }
  }
  program.finish();
  take();
  return out;
}

/// Whatever the pieces: whole lines go another way than those that come bit by bit.
void expect_whatever_pieces(const LogScript& script, std::string_view text, std::string_view expected) {
  for (std::size_t piece = 1; piece <= text.size() + 1; ++piece)
    EXPECT_EQ(run(script, text, piece), expected) << "in pieces of " << piece;
}

TEST(LineProgram, CopiesLines) { expect_whatever_pieces(written(), "one\n\ntwo", "one\n\ntwo\n"); }

TEST(LineProgram, DropsEmptyLinesReplacesBytesAndDiscardsTheRestOfALongLine) {
  LogScript script = written();
  script.lines.limit = 8;
  script.lines.after_limit = LineRules::AfterLimit::Discard;
  script.lines.drops_empty = true;
  script.lines.replaced = no_controls();
  expect_whatever_pieces(script,
                         "\n\none\n\n\x01tw\x02\n12345678\n123456789\ntoo long \x01 by far\nshort\nend",
                         "one\n?tw?\n12345678\n12345678\ntoo long\nshort\nend\n");
}

TEST(LineProgram, TheStampCountsInTheLimit) {
  LogScript script = written();
  script.lines.limit = 4 + 24;
  script.lines.stamp = StampKind::UtcCompact;
  script.lines.after_limit = LineRules::AfterLimit::Discard;
  const std::string stamp = "19700101T000000.000000: ";
  expect_whatever_pieces(script, "abcdef\nab\n", stamp + "abcd\n" + stamp + "ab\n");
}

TEST(LineProgram, ALineIsDividedIntoLinesAtTheLimit) {
  LogScript script = written();
  script.lines.limit = 3;
  script.lines.after_limit = LineRules::AfterLimit::NewLine;
  expect_whatever_pieces(script, "abc\nabcdefgh\nx\n", "abc\nabc\ndef\ngh\nx\n");
}

TEST(LineProgram, EveryByteMayBeReplaced) {
  LogScript script = written();
  auto table = std::make_shared<std::array<char, 256>>();
  table->fill('x');
  script.lines.replaced = table;
  expect_whatever_pieces(script, std::string_view("a\0\n", 3), "xx\n");
}

TEST(LineProgram, TellsTheRestOfALongLine) {
  LogScript script;
  script.lines.limit = 3;
  script.lines.after_limit = LineRules::AfterLimit::NewLine;
  script.tellers.emplace_back();
  script.instructions.push_back({LogInstruction::Kind::Tell, 0, {}});
  Told told;
  LineProgram program(script, told);
  told.program = &program;
  Stamps stamps;
  stamps.set({0, 0});
  std::string_view block = "abcdefgh\nabc\nab";
  program.feed(block, stamps);
  program.finish();
  EXPECT_EQ(told.lines, (std::vector<std::string>{"abc", "+def", "+gh", "abc", "ab"}));
}

TEST(LineProgram, WhatIsCutGoesOnWithoutAStamp) {
  LogScript script = written();
  script.instructions[0].format.stamps[0] = StampKind::Seconds;
  Told told;
  LineProgram program(script, told);
  Stamps stamps;
  stamps.set({7, 0});
  std::string_view block = "be";
  program.feed(block, stamps);
  EXPECT_EQ(program.buffers()[0].text(), "");
  program.cut();
  EXPECT_EQ(program.buffers()[0].text(), "7.000000 be");
  EXPECT_TRUE(program.within_line());
  block = "gun\nnext\n";
  program.feed(block, stamps);
  EXPECT_EQ(program.buffers()[0].text(), "7.000000 begun\n7.000000 next\n");
}

TEST(LineProgram, TheRestOfALineOfAnEarlierLifeHasNoStampWhereItBegan) {
  LogScript script = written();
  script.lines.limit = 0;
  script.outlets.push_back({"./other", {}});
  script.instructions.push_back({LogInstruction::Kind::Write, 1, {}});
  for (LogInstruction& write : script.instructions) write.format.stamps[0] = StampKind::Seconds;
  Told told;
  LineProgram program(script, told);
  Stamps stamps;
  stamps.set({7, 0});
  program.go_on(1);
  for (std::string_view block : {"re", "st\nnext\n"})
    while (!block.empty()) program.feed(block, stamps);
  EXPECT_EQ(program.buffers()[0].text(), "7.000000 rest\n7.000000 next\n");
  EXPECT_EQ(program.buffers()[1].text(), "rest\n7.000000 next\n");
}

TEST(LineProgram, ANulEndsALineWhereTheRulesSaySo) {
  using namespace std::string_view_literals;
  LogScript script = written();
  script.lines.nul_ends = true;
  script.lines.limit = 6;
  script.lines.after_limit = LineRules::AfterLimit::NewLine;
  script.instructions[0].format.prefix = "> ";
  expect_whatever_pieces(
      script, "one\ntwo\0three\n\0\n123456\n1234567\n12345678901234\0end"sv,
      "> one\n> two\n> three\n> \n> \n> 123456\n> 123456\n> 7\n> 123456\n> 789012\n> 34\n> end\n");
}

}  // namespace
}  // namespace kindred
