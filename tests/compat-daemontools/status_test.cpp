#include "compat-daemontools/status.h"

#include "tests/core/codec.h"

namespace kindred::daemontools {
namespace {

using test::Bytes;
using test::hex;

/// What supervise 0.76 (Debian 1:0.76-8.1) wrote about one service.
struct Golden {
  const char* moment;
  const char* bytes;
  WallTime pid_changed;
  std::int32_t pid;
  bool paused;
  Want want;
};
constexpr Golden kGolden[] = {
    {"running",
     "40 00 00 00 6b 02 d4 55 27 9f 07 3c bd 21 00 00 00 75",
     {1'795'347'531, 664'733'500},
     8637,
     false,
     Want::Up},
    {"paused",
     "40 00 00 00 6b 02 d4 55 27 9f 07 3c bd 21 00 00 01 75",
     {1'795'347'531, 664'733'500},
     8637,
     true,
     Want::Up},
    {"once",
     "40 00 00 00 6b 02 d4 55 27 9f 07 3c bd 21 00 00 00 00",
     {1'795'347'531, 664'733'500},
     8637,
     false,
     Want::Once},
    {"once, and over",
     "40 00 00 00 6b 02 d4 58 3a 33 c9 b4 00 00 00 00 00 00",
     {1'795'347'534, 976'472'500},
     0,
     false,
     Want::Once},
    {"down",
     "40 00 00 00 6b 02 d4 5c 29 bc 16 f4 00 00 00 00 00 64",
     {1'795'347'538, 700'192'500},
     0,
     false,
     Want::Down},
    {"restarting",
     "40 00 00 00 6b 02 d4 74 26 a6 91 c4 3a 28 00 00 00 75",
     {1'795'347'562, 648'450'500},
     10298,
     false,
     Want::Up},
    {"never started",
     "40 00 00 00 6b 02 d4 76 25 9a 61 84 00 00 00 00 00 64",
     {1'795'347'564, 630'874'500},
     0,
     false,
     Want::Down},
};

/// What the 18 bytes keep of a record.
StatusRecord project(const StatusRecord& r) {
  StatusRecord p;
  p.pid = r.pid;
  p.phase = r.pid != 0 ? Phase::Running : Phase::Stopped;
  p.want = r.want;
  p.paused = r.paused && r.pid != 0;
  p.pid_changed = p.run_started = p.down_since = r.pid_changed;
  return p;
}

TEST(Status, ReadsWhatTheOriginalWrote) {
  for (const Golden& golden : kGolden) {
    const auto status = test::decoded(kStatusCodec, hex(golden.bytes));
    ASSERT_TRUE(status) << golden.moment;
    EXPECT_TRUE(status->phase_known);
    const StatusRecord& r = status->snapshot.main;
    EXPECT_EQ(r.pid_changed, golden.pid_changed) << golden.moment;
    EXPECT_EQ(r.pid, golden.pid) << golden.moment;
    EXPECT_EQ(r.phase, golden.pid != 0 ? Phase::Running : Phase::Stopped) << golden.moment;
    EXPECT_EQ(r.paused, golden.paused) << golden.moment;
    EXPECT_EQ(r.want, golden.want) << golden.moment;
    EXPECT_FALSE(status->snapshot.log) << golden.moment;
  }
}

TEST(Status, WritesWhatTheOriginalWrote) {
  for (const Golden& golden : kGolden) {
    GroupSnapshot snapshot;
    snapshot.main.pid_changed = golden.pid_changed;
    snapshot.main.pid = golden.pid;
    snapshot.main.phase = golden.pid != 0 ? Phase::Running : Phase::Waiting;
    snapshot.main.paused = golden.paused;
    snapshot.main.want = golden.want;
    EXPECT_EQ(test::encoded(kStatusCodec.files[0], snapshot), hex(golden.bytes)) << golden.moment;
  }
}

TEST(Status, KeepsOfEveryRecordWhatTheBytesCanSay) {
  test::for_every_record([](const StatusRecord& r) {
    const Bytes bytes = test::encoded(kStatusCodec.files[0], {r, std::nullopt});
    EXPECT_EQ(bytes.size(), kStatusSize);
    const auto status = test::decoded(kStatusCodec, bytes);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->snapshot.main, project(r));
  });
}

TEST(Status, APauseIsNotShownWithoutAProcess) {
  GroupSnapshot snapshot;
  snapshot.main.paused = true;
  EXPECT_EQ(test::encoded(kStatusCodec.files[0], snapshot)[16], 0);
}

TEST(Status, OfAPairsLogIsTheLogs) {
  GroupSnapshot pair;
  pair.main.pid = 0x11;
  pair.log.emplace();
  pair.log->pid = 0x22;
  EXPECT_EQ(test::encoded(kStatusCodec.files[0], pair)[12], 0x11);
  EXPECT_EQ(test::encoded(kStatusCodec.files[0], pair, Role::Log)[12], 0x22);
}

TEST(Status, TakesTheFirst18BytesOfAnythingLonger) {
  const auto status =
      test::decoded(kStatusCodec, hex("40 00 00 00 6b 02 d4 55 28 99 8f f4 bf 21 00 00 00 75 00 01"));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->snapshot.main.pid, 8639);
  EXPECT_EQ(status->snapshot.main.want, Want::Up);
}

TEST(Status, RefusesFewerThan18Bytes) {
  const Bytes whole = hex(kGolden[0].bytes);
  for (std::size_t size = 0; size < kStatusSize; ++size)
    EXPECT_FALSE(test::decoded(kStatusCodec, {whole.begin(), whole.begin() + size})) << size;
}

TEST(Status, OfAnyBytesDoesNoHarm) { test::expect_robust(kStatusCodec, hex(kGolden[0].bytes)); }

}  // namespace
}  // namespace kindred::daemontools
