#include "core/log/stamp_reader.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <random>
#include <string>

namespace kindred {
namespace {

constexpr WallTime kAt{1700000000, 123456789};

std::string stamped(StampKind kind) {
  std::array<char, kLongestStamp> text;
  return std::string(text.data(), put_stamp(text.data(), kind, kAt)) + "the line";
}

TEST(ReadStamp, IsTheInverseOfEveryLoggersStamp) {
  setenv("TZ", "Europe/Berlin", 1);
  tzset();
  for (std::size_t i = 1; i < kStampKinds; ++i) {
    const auto kind = static_cast<StampKind>(i);
    const std::string line = stamped(kind);
    const LineStamp read =
        read_stamp(line, kind == StampKind::Tai ? TaiOffset::LeapTable : TaiOffset::Constant10);
    EXPECT_EQ(read.kind, kind) << line;
    EXPECT_EQ(read.at.seconds, kAt.seconds) << line;
    EXPECT_EQ(line.substr(read.size), "the line") << line;
    // Each to as many digits as it has.
    EXPECT_LE(read.at.nanos, kAt.nanos) << line;
  }
  EXPECT_EQ(read_stamp(stamped(StampKind::Tai10), TaiOffset::Constant10).at, kAt);
}

TEST(ReadStamp, OtherLinesHaveNone) {
  for (const char* line :
       {"", "@", "plain", "@400000006553f10a075bcd15", "@400000006553f10a075bcd1 x",
        "@400000006553g10a075bcd15 x", "2024-13-01_00:00:00.00000 x", "2024-01-01 00:00:00 x", "12.5 x",
        "20240101T000000 x", "Foo Jan  1 00:00:00 1970: x", "Thu Jan  1 00:00:00 197"}) {
    EXPECT_EQ(read_stamp(line, TaiOffset::Constant10).kind, StampKind::None) << line;
    EXPECT_EQ(read_stamp(line, TaiOffset::Constant10).size, 0U) << line;
  }
}

TEST(ReadStamp, AnyBytesAreALine) {
  std::mt19937 random(1);
  for (std::size_t kind = 1; kind < kStampKinds; ++kind)
    for (int i = 0; i < 500; ++i) {
      std::string line = stamped(static_cast<StampKind>(kind));
      line[random() % line.size()] = static_cast<char>(random());
      line.resize(random() % (line.size() + 1));
      EXPECT_LE(read_stamp(line, TaiOffset::Constant10).size, line.size());
    }
}

TEST(ReadFileStamp, KnowsTheNamesOfOldFiles) {
  EXPECT_EQ(read_file_stamp("@400000006553f10a075bcd15.s", TaiOffset::Constant10), kAt);
  const auto dated = read_file_stamp("_20231114T221320.123456", TaiOffset::Constant10);
  ASSERT_TRUE(dated);
  EXPECT_EQ(*dated, (WallTime{1700000000, 123456000}));
  for (const char* name : {"current", "previous", "lock", "@4000", "_2023", ""})
    EXPECT_FALSE(read_file_stamp(name, TaiOffset::Constant10)) << name;
}

TEST(RuleOfLabels, NoLineIsYoungerThanItsFile) {
  EXPECT_EQ(rule_of_labels(kAt, kAt), TaiOffset::Constant10);
  EXPECT_EQ(rule_of_labels(kAt, {kAt.seconds + 3600, 0}), TaiOffset::Constant10);
  EXPECT_EQ(rule_of_labels({kAt.seconds + 27, 0}, kAt), TaiOffset::LeapTable);
}

}  // namespace
}  // namespace kindred
