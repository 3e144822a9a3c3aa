#include "compat-s6/status.h"

#include <csignal>

#include "tests/core/codec.h"

namespace kindred::s6 {
namespace {

using test::Bytes;
using test::hex;

constexpr WallTime kSupervised{1'795'358'745, 603'383'278};
constexpr WallTime kStarted{1'795'358'746, 219'659};
constexpr WallTime kDied{1'795'358'747, 175'055'258};
constexpr WallTime kRested{1'795'358'748, 213'183'172};
constexpr WallTime kStartedAgain{1'795'358'749, 402'311'252};
constexpr WallTime kReadyAt{1'795'358'749, 408'102'621};
constexpr WallTime kKilledAt{1'795'358'749, 805'858'238};

/// What s6-supervise 2.11.3.2 wrote about a service.
struct Golden {
  const char* bytes;
  Phase phase;
  std::int32_t pid;
  WallTime since, ready_since;
  ExitStatus end;
  Want want;
  bool ready, paused;
};
const Golden kGolden[] = {
    {"40 00 00 00 6b 03 00 3e 23 f6 e5 ee 40 00 00 00 6b 03 00 3e 23 f6 e5 ee 00 00 00 00 00 00 00 00 00 00 "
     "08",
     Phase::Stopped, 0, kSupervised, kSupervised, ExitStatus::exited(0), Want::Down, false, false},
    {"40 00 00 00 6b 03 00 3f 00 03 5a 0b 40 00 00 00 6b 03 00 3e 23 f6 e5 ee 00 00 00 00 00 00 74 28 00 00 "
     "04",
     Phase::Running, 29736, kStarted, kSupervised, ExitStatus::exited(0), Want::Up, false, false},
    {"40 00 00 00 6b 03 00 3f 00 03 5a 0b 40 00 00 00 6b 03 00 3e 23 f6 e5 ee 00 00 00 00 00 00 74 28 00 00 "
     "05",
     Phase::Running, 29736, kStarted, kSupervised, ExitStatus::exited(0), Want::Up, false, true},
    {"40 00 00 00 6b 03 00 3f 00 03 5a 0b 40 00 00 00 6b 03 00 3e 23 f6 e5 ee 00 00 00 00 00 00 74 28 00 00 "
     "00",
     Phase::Running, 29736, kStarted, kSupervised, ExitStatus::exited(0), Want::Down, false, false},
    {"40 00 00 00 6b 03 00 40 0a 6f 21 9a 40 00 00 00 6b 03 00 3e 23 f6 e5 ee 00 00 00 00 00 00 74 3f 00 0f "
     "02",
     Phase::Finishing, 29759, kDied, kSupervised, ExitStatus::signaled(SIGTERM), Want::Down, false, false},
    {"40 00 00 00 6b 03 00 40 0a 6f 21 9a 40 00 00 00 6b 03 00 41 0c b4 ea c4 00 00 00 00 00 00 00 00 00 0f "
     "08",
     Phase::Stopped, 0, kDied, kRested, ExitStatus::signaled(SIGTERM), Want::Down, false, false},
    {"40 00 00 00 6b 03 00 42 17 fa c8 54 40 00 00 00 6b 03 00 42 18 53 26 dd 00 00 00 00 00 00 74 67 00 0f "
     "0c",
     Phase::Running, 29799, kStartedAgain, kReadyAt, ExitStatus::signaled(SIGTERM), Want::Up, true, false},
    {"40 00 00 00 6b 03 00 42 30 08 6b be 40 00 00 00 6b 03 00 42 18 53 26 dd 00 00 00 00 00 00 74 6e 00 09 "
     "06",
     Phase::Finishing, 29806, kKilledAt, kReadyAt, ExitStatus::signaled(SIGKILL), Want::Up, false, false},
};

StatusRecord record_of(const Golden& golden) {
  StatusRecord r;
  r.phase = golden.phase;
  r.pid = golden.pid;
  r.want = golden.want;
  r.ready = golden.ready;
  r.paused = golden.paused;
  r.exit_of(Script::Run) = golden.end;
  r.ready_changed = golden.ready_since;
  r.pid_changed = r.run_started = r.run_ended = r.down_since = golden.since;
  return r;
}

Bytes status_of(const StatusRecord& r) {
  return test::encoded(test::file_named(kStatusCodec, "status"), {r, std::nullopt});
}

TEST(Status, WritesWhatTheOriginalWrote) {
  for (const Golden& golden : kGolden) EXPECT_EQ(status_of(record_of(golden)), hex(golden.bytes));
}

TEST(Status, ReadsWhatTheOriginalWrote) {
  for (const Golden& golden : kGolden) {
    const auto status = test::decoded(kStatusCodec, hex(golden.bytes));
    ASSERT_TRUE(status);
    EXPECT_TRUE(status->phase_known);
    EXPECT_EQ(status->snapshot.main, record_of(golden)) << golden.bytes;
    EXPECT_FALSE(status->snapshot.log);
  }
}

// Before the first start no end is known, which reads as an exit with 0.
TEST(Status, TheStampIsThatOfTheLatestStartOrDeathOfRun) {
  StatusRecord r;
  r.pid_changed = r.down_since = r.ready_changed = kSupervised;
  EXPECT_EQ(status_of(r),
            hex("40 00 00 00 6b 03 00 3e 23 f6 e5 ee 40 00 00 00 6b 03 00 3e 23 f6 e5 ee 00 00 00 "
                "00 00 00 00 00 00 00 0c"));
  r.run_started = kStarted;
  r.run_ended = kDied;
  r.pid_changed = r.down_since = r.ready_changed = kRested;
  for (const Phase phase : {Phase::Stopped, Phase::Waiting, Phase::Failed}) {
    r.phase = phase;
    const auto status = test::decoded(kStatusCodec, status_of(r));
    EXPECT_EQ(status->snapshot.main.down_since, kDied);
    EXPECT_EQ(status->snapshot.main.ready_changed, kRested);
  }
}

// Who takes a running finish script on does not know when run died.
TEST(Status, WhatWasNeverStampedIsAsOldAsTheProcess) {
  StatusRecord r;
  r.phase = Phase::Finishing;
  r.pid = 7;
  r.pid_changed = r.run_started = kStarted;
  const auto status = test::decoded(kStatusCodec, status_of(r));
  EXPECT_EQ(status->snapshot.main.pid_changed, kStarted);
  EXPECT_EQ(status->snapshot.main.ready_changed, kStarted);
}

/// What the 35 bytes keep of a record with stamps.
StatusRecord project(const StatusRecord& r) {
  StatusRecord p;
  p.pid = r.pid;
  p.paused = r.paused && r.pid != 0;
  p.want = r.want == Want::Up ? Want::Up : Want::Down;
  const bool over = r.phase == Phase::Finishing || r.phase == Phase::Stopping;
  const bool rests = r.phase == Phase::Stopped || r.phase == Phase::Waiting || r.phase == Phase::Failed;
  p.phase = r.pid != 0 && !over ? Phase::Running : rests ? Phase::Stopped : Phase::Finishing;
  if (p.phase == Phase::Stopped && p.want == Want::Up) p.phase = Phase::Waiting;
  p.ready = p.phase == Phase::Running && r.ready;
  WallTime since = r.run_ended;
  if (p.phase == Phase::Running) since = r.phase == Phase::Running ? r.run_started : r.pid_changed;
  p.pid_changed = p.run_started = p.run_ended = p.down_since = since;
  p.ready_changed = r.ready_changed;
  p.exit_of(Script::Run) = ExitStatus::exited(0);
  return p;
}

TEST(Status, KeepsOfEveryRecordWhatTheBytesCanSay) {
  test::for_every_record([](const StatusRecord& r) {
    const Bytes bytes = status_of(r);
    EXPECT_EQ(bytes.size(), kStatusSize);
    const auto status = test::decoded(kStatusCodec, bytes);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->snapshot.main, project(r));
  });
}

TEST(Status, EveryEndSurvivesButTheUnknown) {
  for (int value = 0; value < 256; ++value)
    EXPECT_EQ(exit_status(wait_status(ExitStatus::exited(value))), ExitStatus::exited(value));
  for (int signal = 1; signal < 65; ++signal)
    for (const bool core : {false, true})
      EXPECT_EQ(exit_status(wait_status(ExitStatus::signaled(signal, core))),
                ExitStatus::signaled(signal, core));
  EXPECT_EQ(wait_status(ExitStatus::exited(7)), 0x0700);
  EXPECT_EQ(wait_status(ExitStatus::unknown()), 0);
  EXPECT_EQ(exit_status(0x137f), ExitStatus::unknown());
}

TEST(Status, ReadsTheLayoutWithTheProcessGroup) {
  Bytes with_group = hex(kGolden[6].bytes);
  const Bytes group = hex("00 00 00 00 00 00 74 67");
  with_group.insert(with_group.begin() + 32, group.begin(), group.end());
  ASSERT_EQ(with_group.size(), kStatusSizeWithGroup);
  const auto status = test::decoded(kStatusCodec, with_group);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->snapshot.main, record_of(kGolden[6]));
}

TEST(Status, PausedWithoutAProcessIsNotStartedYet) {
  StatusRecord r;
  r.pid_changed = r.down_since = r.ready_changed = kSupervised;
  r.want = Want::Down;
  Bytes bytes = status_of(r);
  bytes[34] |= 1;
  const auto status = test::decoded(kStatusCodec, bytes);
  ASSERT_TRUE(status);
  const StatusRecord& read = status->snapshot.main;
  EXPECT_FALSE(read.paused || read.ready);
  EXPECT_EQ(read.phase, Phase::Stopped);
  EXPECT_EQ(read.exit_of(Script::Run), ExitStatus{});
  EXPECT_EQ(read.run_started, WallTime{});
  EXPECT_EQ(read.run_ended, WallTime{});
  EXPECT_EQ(read.pid_changed, kSupervised);
  // The record that s6 writes is neither ready nor finishing: nothing has to end before the start.
  bytes[34] = 1;
  EXPECT_EQ(test::decoded(kStatusCodec, bytes)->snapshot.main.phase, Phase::Stopped);
  bytes[34] = 1 | 4;
  EXPECT_EQ(test::decoded(kStatusCodec, bytes)->snapshot.main.phase, Phase::Waiting);
  // Nobody who is paused writes that of itself.
  r.paused = true;
  EXPECT_EQ(status_of(r)[34] & 1, 0);
}

TEST(Status, RefusesFewerThan35BytesAndAPidThatNoKernelGives) {
  Bytes bytes = hex(kGolden[1].bytes);
  for (std::size_t size = 0; size < kStatusSize; ++size)
    EXPECT_FALSE(test::decoded(kStatusCodec, {bytes.begin(), bytes.begin() + size})) << size;
  bytes[28] = 0x80;
  EXPECT_FALSE(test::decoded(kStatusCodec, bytes));
}

TEST(Status, OfAnyBytesDoesNoHarm) { test::expect_robust(kStatusCodec, hex(kGolden[7].bytes)); }

}  // namespace
}  // namespace kindred::s6
