#include "compat-s6/death_tally.h"

#include <csignal>

#include "tests/core/codec.h"

namespace kindred::s6 {
namespace {

using test::hex;

// Source: interfaces/s6.md section 5; the stamp is 2026-11-22 14:00:00 UTC.
constexpr const char* kExit3 = "40000000 6b 03 3f 85 00 00 01 f4 03 00";
constexpr const char* kKilled = "40000000 6b 03 3f 85 00 00 01 f4 89 09";

TEST(DeathTally, WritesARecordByteForByte) {
  test::Bytes record(kDeathSize);
  const WallTime at{0x6b033f85 - 37, 500};
  put_death(record, 0, {at, ExitStatus::exited(3)});
  EXPECT_EQ(record, hex(kExit3));
  put_death(record, 0, {at, ExitStatus::signaled(SIGKILL)});
  EXPECT_EQ(record, hex(kKilled));
}

TEST(DeathTally, AnUnknownEndCountsAsAnExitWithZero) {
  test::Bytes record(kDeathSize, 0xee);
  put_death(record, 0, {{}, ExitStatus::unknown()});
  EXPECT_EQ(record[12], 0);
  EXPECT_EQ(record[13], 0);
}

TEST(DeathTally, ReadsWhatItWrites) {
  for (int value = 0; value < 256; ++value) {
    for (const ExitStatus& how : {ExitStatus::exited(value), ExitStatus::signaled(value % 64 + 1)}) {
      test::Bytes record(2 * kDeathSize);
      put_death(record, kDeathSize, {{1'800'000'000 + value, 7}, how});
      const Death death = get_death(record, kDeathSize);
      EXPECT_EQ(death.at, (WallTime{1'800'000'000 + value, 7}));
      EXPECT_EQ(death.how, how);
    }
  }
}

TEST(DeathTally, ATornFileHoldsNoRecord) {
  const test::Bytes file(3 * kDeathSize);
  for (std::size_t size = 0; size <= file.size(); ++size)
    EXPECT_EQ(count_deaths(ByteView(file).first(size)), size % kDeathSize == 0 ? size / kDeathSize : 0);
}

}  // namespace
}  // namespace kindred::s6
