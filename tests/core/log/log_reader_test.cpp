#include "core/log/log_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;
using Texts = std::vector<std::string>;

std::string label(std::int64_t seconds) { return tai64n_text(WallTime{seconds, 0}, TaiOffset::Constant10); }
std::string line(std::int64_t seconds, const std::string& text) { return label(seconds) + " " + text + "\n"; }

Texts names_of(const std::vector<LogFileEntry>& files) {
  Texts names;
  for (const LogFileEntry& each : files) names.push_back(each.name);
  return names;
}

class LogReaderTest : public ::testing::Test {
 protected:
  /// A file that was last written when its last line was.
  void write(const std::string& name, const std::string& text, std::int64_t changed = 5000) {
    dir_.write(name.c_str(), text);
    const timespec times[2] = {{changed, 0}, {changed, 0}};
    utimensat(dir_.fd(), name.c_str(), times, 0);
  }
  void append(const std::string& name, const std::string& text) {
    std::ofstream(dir_.path(name), std::ios::app) << text;
  }
  [[nodiscard]] LogSource open() const {
    Result<LogSource> source = LogSource::open(dir_.path());
    if (!source) throw std::runtime_error("unable to open");
    return std::move(*source);
  }
  static Texts read(LogSource& source, bool follow = false) {
    Texts texts;
    while (const std::optional<LogLine> each = source.next(follow)) texts.emplace_back(each->text);
    return texts;
  }
  TestDirectory dir_;
};

TEST(LogFiles, AreInTheOrderOfTheirLines) {
  const std::string old = label(100) + ".s", older = label(50) + ".u";
  EXPECT_EQ(
      names_of(log_files({"current", "lock", "state", old, older, "previous", "processed", label(70) + ".t"},
                         TaiOffset::Constant10)),
      (Texts{older, old, "previous", "current"}));
  EXPECT_EQ(names_of(log_files({"_20240102T000000.000000", "current", "_20240101T000000.000000.Z"},
                               TaiOffset::Constant10)),
            (Texts{"_20240101T000000.000000.Z", "_20240102T000000.000000", "current"}));
  EXPECT_EQ(names_of(log_files({old, old + ".gz"}, TaiOffset::Constant10)), (Texts{old}))
      << "still being compressed";
}

TEST(Decompressor, IsChosenByContent) {
  EXPECT_STREQ(decompressor("\x1f\x8b\x08"), "gzip");
  EXPECT_STREQ(decompressor("\x28\xb5\x2f\xfd"), "zstd");
  EXPECT_STREQ(decompressor(std::string_view("\xfd"
                                             "7zXZ\0",
                                             6)),
               "xz");
  EXPECT_EQ(decompressor("@40"), nullptr);
  EXPECT_EQ(decompressor(""), nullptr);
}

TEST_F(LogReaderTest, ReadsOldFilesAndCurrent) {
  write("current", line(300, "c"));
  write(label(250) + ".s", line(200, "b"));
  write(label(150) + ".s", line(100, "a"));
  LogSource source = open();
  EXPECT_EQ(read(source), (Texts{"a", "b", "c"}));
}

TEST_F(LogReaderTest, StampsAreMomentsAndWhatHasNoneHasThatOfTheLineBefore) {
  write("current", line(300, "a") + "plain\n" + line(301, "b"));
  LogSource source = open();
  const std::optional<LogLine> first = source.next(false);
  EXPECT_TRUE(first->stamped);
  EXPECT_EQ(first->at, (WallTime{300, 0}));
  const std::optional<LogLine> second = source.next(false);
  EXPECT_FALSE(second->stamped);
  EXPECT_EQ(second->text, "plain");
  EXPECT_EQ(second->at, (WallTime{300, 0}));
}

TEST_F(LogReaderTest, LabelsWithLeapSecondsAreKnownByTheFilesAge) {
  const WallTime at{1700000000, 0};
  write("current", tai64n_text(at, TaiOffset::LeapTable) + " x\n", at.seconds);
  LogSource source = open();
  EXPECT_EQ(source.next(false)->at, at);
}

TEST_F(LogReaderTest, TheLastLinesMayLieInSeveralFiles) {
  write(label(150) + ".s", line(100, "a") + line(101, "b"));
  write("current", line(200, "c") + line(201, "d"));
  for (const auto& [count, texts] : {std::pair{1, Texts{"d"}},
                                     {2, Texts{"c", "d"}},
                                     {3, Texts{"b", "c", "d"}},
                                     {4, Texts{"a", "b", "c", "d"}},
                                     {9, Texts{"a", "b", "c", "d"}}}) {
    LogSource source = open();
    source.last(static_cast<std::uint64_t>(count));
    EXPECT_EQ(read(source), texts) << count;
  }
  append("current", "no end");
  LogSource source = open();
  source.last(2);
  EXPECT_EQ(read(source), (Texts{"d", "no end"}));
}

TEST_F(LogReaderTest, OfAFileWithoutANewlineOnlyTheEndIsRead) {
  constexpr off_t kThreeGibibytes = off_t{3} << 30;
  write("current", "");
  ASSERT_EQ(::truncate(dir_.path("current").c_str(), kThreeGibibytes), 0);
  LogSource source = open();
  source.last(2);
  std::size_t lines = 0, bytes = 0;
  while (const std::optional<LogLine> each = source.next(false)) {
    ++lines;
    bytes += each->text.size();
  }
  EXPECT_EQ(lines, 2U);
  EXPECT_EQ(bytes, std::size_t{2} << 20);
}

TEST_F(LogReaderTest, ALineThatIsTooLongCountsAsSeveral) {
  const std::string end = std::string(std::size_t{1} << 20, 'x') + "\n";
  write("current", line(100, "a") + line(101, "b") + end);
  LogSource two = open();
  two.last(2);
  EXPECT_EQ(read(two).size(), 2U);
  LogSource all = open();
  all.last(9);
  EXPECT_EQ(read(all).front(), "a");
}

TEST_F(LogReaderTest, OldFilesThatEndedBeforeAreNotRead) {
  write(label(150) + ".s", line(100, "a"));
  write(label(250) + ".s", line(200, "b"));
  write("current", line(300, "c"));
  LogSource source = open();
  source.since({180, 0});
  EXPECT_EQ(read(source), (Texts{"b", "c"}));
}

TEST_F(LogReaderTest, CompressedFilesAreReadByTheirProgram) {
  write("plain", line(100, "a") + line(101, "b"));
  if (std::system(("gzip -c " + dir_.path("plain") + " >" + dir_.path(label(150) + ".s")).c_str()) != 0)
    GTEST_SKIP() << "there is no gzip";
  write("current", line(200, "c"));
  LogSource source = open();
  EXPECT_EQ(read(source), (Texts{"a", "b", "c"}));
  LogSource last = open();
  last.last(2);
  EXPECT_EQ(read(last), (Texts{"b", "c"}));
}

TEST_F(LogReaderTest, ADamagedFileIsNamedAndTheRestRead) {
  write(label(150) + ".s", "\x1f\x8b rubbish");
  write("current", line(200, "c"));
  LogSource source = open();
  EXPECT_EQ(read(source), (Texts{"c"}));
  const Texts troubles = source.take_troubles();
  ASSERT_EQ(troubles.size(), 1U);
  EXPECT_TRUE(troubles[0].starts_with("unable to decompress ")) << troubles[0];
}

TEST_F(LogReaderTest, NothingInAFilesPlaceIsWaitedFor) {
  mkfifo(dir_.path("current").c_str(), 0600);
  LogSource source = open();
  EXPECT_EQ(read(source), Texts{});
  EXPECT_EQ(source.take_troubles().size(), 1U);
}

TEST_F(LogReaderTest, ALineOfAnyLengthIsReadInParts) {
  write("current", std::string(3 << 20, 'x') + "\nend\n");
  LogSource source = open();
  const Texts texts = read(source);
  std::size_t size = 0;
  for (const std::string& text : texts) size += text.size();
  EXPECT_EQ(size, (std::size_t{3} << 20) + 3);
  EXPECT_EQ(texts.back(), "end");
}

TEST_F(LogReaderTest, OneFileIsALogToo) {
  write("log", line(100, "a"));
  Result<LogSource> source = LogSource::open(dir_.path("log"));
  ASSERT_TRUE(source);
  EXPECT_EQ(read(*source), (Texts{"a"}));
}

// --- as it grows ---

TEST_F(LogReaderTest, FollowsWithoutAGapOrARepeat) {
  write("current", line(100, "a"));
  LogSource source = open();
  EXPECT_EQ(read(source, true), (Texts{"a"}));
  append("current", label(101) + " b");
  EXPECT_EQ(read(source, true), Texts{}) << "the line has no end yet";
  append("current", "b\n");
  EXPECT_EQ(read(source, true), (Texts{"bb"}));
  append("current", line(102, "c"));
  std::filesystem::rename(dir_.path("current"), dir_.path(label(103) + ".s"));
  write("current", line(104, "d"));
  EXPECT_EQ(read(source, true), (Texts{"c", "d"}));
  EXPECT_EQ(read(source, true), Texts{});
}

TEST_F(LogReaderTest, RotationsBetweenTwoLooksAreReadInTheirOrder) {
  write(label(90) + ".s", line(80, "old"));
  write("current", line(100, "a"));
  LogSource source = open();
  source.last(1);
  EXPECT_EQ(read(source, true), (Texts{"a"}));
  for (const auto& [until, text] : {std::pair{110, "b"}, {120, "c"}, {130, "d"}}) {
    append("current", line(until - 1, text));
    std::filesystem::rename(dir_.path("current"), dir_.path(label(until) + ".s"));
    write("current", "");
  }
  append("current", line(140, "e"));
  EXPECT_EQ(read(source, true), (Texts{"b", "c", "d", "e"}));
}

TEST_F(LogReaderTest, ALogThatBeginsLaterIsFollowedFromItsBeginning) {
  LogSource source = open();
  source.last(10);
  EXPECT_EQ(read(source, true), Texts{});
  write("current", line(100, "a"));
  EXPECT_EQ(read(source, true), (Texts{"a"}));
}

TEST_F(LogReaderTest, OnlyWhatComesMayBeWanted) {
  write("current", line(100, "a"));
  LogSource source = open();
  source.last(0);
  EXPECT_EQ(read(source, true), Texts{});
  append("current", line(101, "b"));
  EXPECT_EQ(read(source, true), (Texts{"b"}));
}

TEST_F(LogReaderTest, WhatIsWrittenAnewIsReadFromItsBeginning) {
  write("current", line(100, "a") + line(101, "b"));
  LogSource source = open();
  EXPECT_EQ(read(source, true), (Texts{"a", "b"}));
  std::filesystem::resize_file(dir_.path("current"), 0);
  append("current", line(102, "c"));
  EXPECT_EQ(read(source, true), (Texts{"c"}));
}

}  // namespace
}  // namespace kindred
