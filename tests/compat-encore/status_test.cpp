#include "compat-encore/status.h"

#include "tests/core/codec.h"

namespace kindred::encore {
namespace {

using test::Bytes;
using test::hex;

constexpr const char* kSince = "40 00 00 00 50 00 00 00 00 00 00 00";
constexpr WallTime kSinceTime{0x50000000 - 10, 0};
constexpr std::int32_t kPid = 1234;

Bytes record(std::string_view rest) { return hex(std::string(kSince) + " " + std::string(rest)); }

/// interfaces/encore.md section 3, the table of phases as observed, in bytes 12 to 19; and what they mean.
struct Row {
  const char* moment;
  const char* bytes;
  Phase phase;
  Want want;
  bool paused = false;
  bool sent_down = false;
  bool written = true;  ///< encode() says it in the same bytes
  Phase before = Phase::Stopped;
};
constexpr Row kRows[] = {
    {"just started with down", "00 00 00 00 00 64 00 00", Phase::Stopped, Want::Down},
    {"start runs", "d2 04 00 00 00 75 01 00", Phase::Starting, Want::Up},
    {"start runs once", "d2 04 00 00 00 00 01 00", Phase::Starting, Want::Once},
    {"between start and run", "00 00 00 00 00 75 01 00", Phase::Waiting, Want::Up},
    {"run runs", "d2 04 00 00 00 75 03 00", Phase::Running, Want::Up},
    {"run is paused", "d2 04 00 00 01 75 03 00", Phase::Running, Want::Up, true},
    {"run is paused, once", "d2 04 00 00 01 00 03 00", Phase::Running, Want::Once, true},
    {"about to be restarted", "00 00 00 00 00 75 03 00", Phase::Waiting, Want::Up, false, false, false},
    {"told to stop", "d2 04 00 00 00 64 04 00", Phase::Running, Want::Down, false, true},
    {"told to stop, then up", "d2 04 00 00 00 75 04 00", Phase::Running, Want::Up, false, true},
    {"stop runs", "d2 04 00 00 00 64 00 00", Phase::Stopping, Want::Down},
    {"stop runs after once", "d2 04 00 00 00 00 00 00", Phase::Stopping, Want::Once},
    {"stop runs after a failure", "d2 04 00 00 00 64 05 00", Phase::Stopping, Want::Down, false, false, true,
     Phase::Failed},
    {"stop runs without a run", "d2 04 00 00 00 64 02 00", Phase::Stopping, Want::Down, false, false, true,
     Phase::Started},
    {"once, finished", "00 00 00 00 00 00 00 00", Phase::Stopped, Want::Once},
    {"no run", "00 00 00 00 00 00 02 00", Phase::Started, Want::Once},
    {"failed", "00 00 00 00 00 64 05 00", Phase::Failed, Want::Down},
    {"failed once", "00 00 00 00 00 00 05 00", Phase::Failed, Want::Once},
    {"log left by dx", "00 00 00 00 00 75 04 00", Phase::Stopped, Want::Up, false, true},
};

StatusRecord meaning(const Row& row) {
  StatusRecord r;
  r.pid = row.bytes[0] == '0' ? 0 : kPid;
  r.phase = row.phase;
  r.before = row.before;
  r.want = row.want;
  r.paused = row.paused;
  r.sent_down = row.sent_down;
  r.pid_changed = r.run_started = r.down_since = kSinceTime;
  return r;
}

/// What the 20 bytes keep of a record.
StatusRecord project(const StatusRecord& r) {
  StatusRecord p;
  p.pid = r.pid;
  p.paused = r.paused && r.pid != 0;
  p.pid_changed = p.run_started = p.down_since = r.pid_changed;
  p.want = r.want;
  p.phase = r.phase;
  // Told to stop, and nothing else about the process or its absence.
  p.sent_down = r.sent_down || r.phase == Phase::Finishing;
  if (p.sent_down) p.phase = r.pid != 0 ? Phase::Running : Phase::Stopped;
  if (p.phase == Phase::Started) p.want = Want::Once;
  return p;
}

TEST(Status, ReadsEveryPhaseOfTheOriginal) {
  for (const Row& row : kRows) {
    const auto status = test::decoded(kStatusCodec, record(row.bytes));
    ASSERT_TRUE(status) << row.moment;
    EXPECT_TRUE(status->phase_known) << row.moment;
    EXPECT_FALSE(status->pid_only) << row.moment;
    EXPECT_EQ(status->snapshot.main, meaning(row)) << row.moment;
    EXPECT_EQ(status->state[0], record(row.bytes)[18]) << row.moment;
    EXPECT_FALSE(status->snapshot.log || status->state[1]) << row.moment;
  }
}

TEST(Status, WritesEveryPhaseAsTheOriginal) {
  for (const Row& row : kRows)
    if (row.written) {
      EXPECT_EQ(test::encoded(kStatusCodec.files[0], {meaning(row), std::nullopt}), record(row.bytes))
          << row.moment;
    }
}

TEST(Status, ARunThatIsToBeRestartedIsStarting) {  // the original says running, and its svup says up
  StatusRecord waiting = meaning(kRows[0]);
  waiting.phase = Phase::Waiting;
  waiting.want = Want::Up;
  EXPECT_EQ(test::encoded(kStatusCodec.files[0], {waiting, std::nullopt}), record("00 00 00 00 00 75 01 00"));
}

/// Bytes 17 and 18 of what has ended under `x`.
std::string left(Phase before, Want want, Phase phase = Phase::Stopped) {
  StatusRecord r;
  r.exiting = true;
  r.phase = phase;
  r.before = before;
  r.want = want;
  const Bytes bytes = test::encoded(kStatusCodec.files[0], {r, std::nullopt});
  return {static_cast<char>(bytes[17] == 0 ? '0' : bytes[17]), static_cast<char>('0' + bytes[18])};
}

TEST(Status, WhatEndsUnderExitKeepsItsState) {
  EXPECT_EQ(left(Phase::Starting, Want::Up), "u1");
  EXPECT_EQ(left(Phase::Starting, Want::Once), "01");
  EXPECT_EQ(left(Phase::Running, Want::Up), "u3");
  EXPECT_EQ(left(Phase::Running, Want::Up, Phase::Stopping), "u3");
  EXPECT_EQ(left(Phase::Running, Want::Once), "00");
  EXPECT_EQ(left(Phase::Running, Want::Down), "d0");
  EXPECT_EQ(left(Phase::Starting, Want::Down), "d0");
}

TEST(Status, KeepsOfEveryRecordWhatTheBytesCanSay) {
  test::for_every_record([](const StatusRecord& r) {
    const Bytes bytes = test::encoded(kStatusCodec.files[0], {r, std::nullopt});
    EXPECT_EQ(bytes.size(), kRecordSize);
    const auto status = test::decoded(kStatusCodec, bytes);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->snapshot.main, project(r));
    EXPECT_EQ(status->state[0], state_byte(r));
  });
}

TEST(Status, OfAPairIsBothRecords) {
  GroupSnapshot pair{meaning(kRows[4]), meaning(kRows[8])};
  const Bytes both = test::encoded(kStatusCodec.files[0], pair);
  Bytes expected = record(kRows[4].bytes);
  const Bytes second = record(kRows[8].bytes);
  expected.insert(expected.end(), second.begin(), second.end());
  EXPECT_EQ(both, expected);
  const auto status = test::decoded(kStatusCodec, both);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->snapshot, pair);
  EXPECT_EQ(status->state[1], 4);
}

TEST(Status, OfTheLogAloneIsTheLogs) {
  GroupSnapshot pair{meaning(kRows[4]), meaning(kRows[8])};
  EXPECT_EQ(test::encoded(kStatusCodec.files[0], pair, Role::Log), record(kRows[8].bytes));
}

TEST(Status, OfAnOlderSuperviseTellsNoState) {
  const auto status = test::decoded(kStatusCodec, record("d2 04 00 00 00 75"));
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->pid_only);
  EXPECT_FALSE(status->state[0]);
  EXPECT_EQ(status->snapshot.main.phase, Phase::Running);
}

TEST(Status, TheLogsRecordMayEndBeforeItsState) {
  Bytes bytes = record(kRows[4].bytes);
  const Bytes log = record(kRows[8].bytes);
  bytes.insert(bytes.end(), log.begin(), log.end());
  for (std::size_t size = 18; size <= 40; ++size) {
    const auto status = test::decoded(kStatusCodec, {bytes.begin(), bytes.begin() + size});
    ASSERT_TRUE(status) << size;
    EXPECT_EQ(status->state[0].has_value(), size > 18) << size;
    EXPECT_EQ(status->snapshot.log.has_value(), size >= 38) << size;
    EXPECT_EQ(status->state[1].has_value(), size >= 39) << size;
  }
  for (std::size_t size = 0; size < 18; ++size)
    EXPECT_FALSE(test::decoded(kStatusCodec, {bytes.begin(), bytes.begin() + size})) << size;
}

TEST(Status, AStateThatTheFamilyDoesNotDefineIsNoPhase) {
  for (int state = 6; state < 256; ++state) {
    Bytes bytes = record("d2 04 00 00 00 75 00 00");
    bytes[18] = static_cast<std::uint8_t>(state);
    const auto status = test::decoded(kStatusCodec, bytes);
    ASSERT_TRUE(status) << state;
    EXPECT_FALSE(status->phase_known) << state;
    EXPECT_STREQ(state_word(static_cast<std::uint8_t>(state)), "status unknown");
  }
}

TEST(Status, AWantThatTheFamilyDoesNotDefineSaysNothing) {
  EXPECT_EQ(test::decoded(kStatusCodec, record("d2 04 00 00 00 78 03 00"))->snapshot.main.want, Want::Up);
  EXPECT_EQ(test::decoded(kStatusCodec, record("00 00 00 00 00 78 00 00"))->snapshot.main.want, Want::Down);
}

TEST(Status, OfAnyBytesDoesNoHarm) {
  Bytes pair = record(kRows[4].bytes);
  const Bytes log = record(kRows[8].bytes);
  pair.insert(pair.end(), log.begin(), log.end());
  test::expect_robust(kStatusCodec, pair);
}

}  // namespace
}  // namespace kindred::encore
