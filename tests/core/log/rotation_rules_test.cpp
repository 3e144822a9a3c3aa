#include "core/log/rotation_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace kindred {
namespace {

constexpr SizeRule kSlack{SizeRule::Cut::AfterLineOrAtMax, 4096, 2000};

std::string line(std::size_t size) { return std::string(size - 1, 'a') + "\n"; }

TEST(Portion, EndsAfterTheFirstLineBeyondTheMark) {
  const Portion portion = portion_for(kSlack, 2000, line(95) + line(2) + line(50));
  EXPECT_EQ(portion.bytes, 97U);
  EXPECT_TRUE(portion.then_rotate);
}

TEST(Portion, ALineBeforeTheMarkLeavesTheFile) {
  const Portion portion = portion_for(kSlack, 0, line(2095));
  EXPECT_EQ(portion.bytes, 2095U);
  EXPECT_FALSE(portion.then_rotate);
  EXPECT_TRUE(portion_for(kSlack, 0, line(2096)).then_rotate);
}

TEST(Portion, WithoutALineEndTheFileIsExactlyFull) {
  const Portion portion = portion_for(kSlack, 4000, std::string(500, 'a'));
  EXPECT_EQ(portion.bytes, 96U);
  EXPECT_TRUE(portion.then_rotate);
  EXPECT_EQ(portion_for(kSlack, 4096, "a").bytes, 0U);
}

TEST(Portion, ASlackAboveTheMaximumNeverHolds) {
  const SizeRule rule{SizeRule::Cut::AfterLineOrAtMax, 500, 1000};
  const Portion portion = portion_for(rule, 0, line(300) + line(300));
  EXPECT_EQ(portion.bytes, 500U);
  EXPECT_TRUE(portion.then_rotate);
}

TEST(Portion, AWholeLineMayExceedTheMaximumWhereNoneIsDivided) {
  const SizeRule rule{SizeRule::Cut::AfterLine, 4096, 1};
  const Portion portion = portion_for(rule, 4000, line(500) + line(2));
  EXPECT_EQ(portion.bytes, 500U);
  EXPECT_TRUE(portion.then_rotate);
}

TEST(Portion, BeforeALineTheFileStaysBelowTheMaximum) {
  const SizeRule rule{SizeRule::Cut::BeforeLine, 2000, 0};
  std::string text;
  for (int i = 0; i < 150; ++i) text += line(20);
  const Portion portion = portion_for(rule, 0, text);
  EXPECT_EQ(portion.bytes, 1980U);
  EXPECT_TRUE(portion.then_rotate);
  EXPECT_EQ(portion_for(rule, 1980, line(20)).bytes, 0U);
}

TEST(Portion, WithoutAMaximumNothingIsRotated) {
  const Portion portion = portion_for({SizeRule::Cut::AfterLine, 0, 0}, 1 << 30, line(20));
  EXPECT_EQ(portion.bytes, 20U);
  EXPECT_FALSE(portion.then_rotate);
}

// Whatever the pieces in which the text comes, the files are the same.
TEST(Portion, DoesNotDependOnThePiecesOfTheInput) {
  std::string text;
  for (std::size_t i = 1; i < 400; ++i) text += line(1 + i * 37 % 180);
  const auto sizes = [&](std::size_t piece) {
    std::string out;
    std::uint64_t size = 0;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      std::string_view rest = std::string_view(text).substr(at, piece);
      while (!rest.empty()) {
        const Portion portion = portion_for(kSlack, size, rest);
        size += portion.bytes;
        rest.remove_prefix(portion.bytes);
        if (!portion.then_rotate) continue;
        out += std::to_string(size) + " ";
        size = 0;
      }
    }
    return out;
  };
  EXPECT_EQ(sizes(1), sizes(text.size()));
  EXPECT_EQ(sizes(7), sizes(4096));
}

std::string names(const std::vector<OldFile>& list) {
  std::string all;
  for (const OldFile& file : list) all += file.name + " ";
  return all;
}

TEST(Surplus, TheSmallestNamesGoFirst) {
  KeepRule rule{.names = KeepRule::Names::Label27, .count = 5};
  std::vector<OldFile> all;
  for (const char digit : {'3', '1', '2'})
    all.push_back({"@40000000000000000000000" + std::string(1, digit) + ".s", 100});
  all.push_back({"current", 100});
  EXPECT_EQ(names(surplus(rule, all, 0)), "");
  rule.count = 1;
  EXPECT_EQ(names(surplus(rule, all, 0)), "@400000000000000000000001.s @400000000000000000000002.s ");
  rule.one_at_a_time = true;
  EXPECT_EQ(names(surplus(rule, all, 0)), "@400000000000000000000001.s ");
}

TEST(Surplus, ATotalCountsBytes) {
  KeepRule rule{.names = KeepRule::Names::At25, .by_count = false, .total = 250, .total_with_current = true};
  std::vector<OldFile> all;
  for (const char digit : {'1', '2'})
    all.push_back({"@40000000000000000000000" + std::string(1, digit) + ".s", 100});
  EXPECT_EQ(names(surplus(rule, all, 40)), "");
  EXPECT_EQ(names(surplus(rule, all, 60)), "@400000000000000000000001.s ");
}

TEST(OldFile, EachFamilyKnowsItsOwn) {
  EXPECT_TRUE(is_old_file(KeepRule::Names::At25, "@400000000000000000000001.done"));
  EXPECT_FALSE(is_old_file(KeepRule::Names::At25, "@4000"));
  EXPECT_FALSE(is_old_file(KeepRule::Names::Label27, "@400000000000000000000001.t"));
  EXPECT_FALSE(is_old_file(KeepRule::Names::Label27, "@40000000000000000000000G.s"));
  EXPECT_TRUE(is_old_file(KeepRule::Names::UnderscoreT, "_20260101T000000.000000.s.Z"));
  EXPECT_FALSE(is_old_file(KeepRule::Names::UnderscoreT, "_20260101x000000.000000.s"));
}

TEST(ArchiveName, TellsTheMoment) {
  constexpr WallTime kMoment{935467445, 787492500};
  EXPECT_EQ(archive_name(ArchiveName::Tai64n, TaiOffset::Constant10, kMoment, ".s"),
            "@4000000037c219bf2ef02e94.s");
  EXPECT_EQ(archive_name(ArchiveName::Date, TaiOffset::Constant10, kMoment, ".u"),
            "_19990824T040405.787492.u");
}

}  // namespace
}  // namespace kindred
