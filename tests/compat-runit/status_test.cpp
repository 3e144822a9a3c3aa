#include "compat-runit/status.h"

#include "tests/core/codec.h"

namespace kindred::runit {
namespace {

using test::Bytes;
using test::hex;

/// What runsv 2.1.2 (Debian 2.1.2-54) wrote about some services: status, stat and pid.
struct Golden {
  const char* bytes;
  const char* stat;
  const char* pid_file;
  WallTime since;
  std::int32_t pid;
  Phase phase;
  Want want;
  bool exiting, paused, sent_term;
};
constexpr Golden kGolden[] = {
    {"40 00 00 00 6b 02 d4 55 28 99 8f f4 bf 21 00 00 00 75 00 01",
     "run\n",
     "8639\n",
     {1'795'347'531, 681'152'500},
     8639,
     Phase::Running,
     Want::Up,
     false,
     false,
     false},
    {"40 00 00 00 6b 02 d4 55 28 99 8f f4 bf 21 00 00 01 75 00 01",
     "run, paused\n",
     "8639\n",
     {1'795'347'531, 681'152'500},
     8639,
     Phase::Running,
     Want::Up,
     false,
     true,
     false},
    {"40 00 00 00 6b 02 d4 55 28 99 8f f4 bf 21 00 00 00 64 00 01",
     "run, want down\n",
     "8639\n",
     {1'795'347'531, 681'152'500},
     8639,
     Phase::Running,
     Want::Down,
     false,
     false,
     false},
    {"40 00 00 00 6b 02 d4 55 28 99 8f f4 f2 21 00 00 00 64 00 02",
     "finish, want down\n",
     "8690\n",
     {1'795'347'531, 681'152'500},
     8690,
     Phase::Finishing,
     Want::Down,
     false,
     false,
     false},
    {"40 00 00 00 6b 02 d4 55 28 99 8f f4 f2 21 00 00 00 64 00 02",
     "finish, want exit\n",
     "8690\n",
     {1'795'347'531, 681'152'500},
     8690,
     Phase::Finishing,
     Want::Down,
     true,
     false,
     false},
    {"40 00 00 00 6b 02 d4 5a 0a cf 34 4c 00 00 00 00 00 64 00 00",
     "down\n",
     "",
     {1'795'347'536, 181'351'500},
     0,
     Phase::Stopped,
     Want::Down,
     true,
     false,
     false},
    {"40 00 00 00 6b 02 d4 6d 31 e5 79 c4 2c 26 00 00 00 75 01 01",
     "run, got TERM\n",
     "9772\n",
     {1'795'347'555, 837'122'500},
     9772,
     Phase::Running,
     Want::Up,
     false,
     false,
     true},
    {"40 00 00 00 6b 02 d4 6d 31 e5 79 c4 2c 26 00 00 01 75 01 01",
     "run, paused, got TERM\n",
     "9772\n",
     {1'795'347'555, 837'122'500},
     9772,
     Phase::Running,
     Want::Up,
     false,
     true,
     true},
    {"40 00 00 00 6b 02 d4 6d 31 e5 79 c4 2c 26 00 00 01 64 01 01",
     "run, paused, got TERM, want down\n",
     "9772\n",
     {1'795'347'555, 837'122'500},
     9772,
     Phase::Running,
     Want::Down,
     false,
     true,
     true},
    {"40 00 00 00 6b 02 d4 6d 31 e5 79 c4 2c 26 00 00 01 64 01 01",
     "run, paused, got TERM, want exit\n",
     "9772\n",
     {1'795'347'555, 837'122'500},
     9772,
     Phase::Running,
     Want::Down,
     true,
     true,
     true},
    {"40 00 00 00 6b 02 d4 72 21 27 73 1c 00 00 00 00 00 75 00 00",
     "down\n",
     "",
     {1'795'347'560, 556'233'500},
     0,
     Phase::Waiting,
     Want::Up,
     false,
     false,
     false},
    {"40 00 00 00 6b 02 d4 77 11 9c db 94 00 00 00 00 00 64 00 00",
     "down\n",
     "",
     {1'795'347'565, 295'492'500},
     0,
     Phase::Stopped,
     Want::Down,
     false,
     false,
     false},
};

StatusRecord record_of(const Golden& golden) {
  StatusRecord r;
  r.phase = golden.phase;
  r.want = golden.want;
  r.exiting = golden.exiting;
  r.paused = golden.paused;
  r.sent_term = golden.sent_term;
  r.pid = golden.pid;
  (golden.pid != 0 ? r.run_started : r.down_since) = golden.since;
  return r;
}

/// 0 down, 1 run, 2 finish.
int state_of(Phase phase) {
  if (phase == Phase::Starting || phase == Phase::Running) return 1;
  return phase == Phase::Finishing || phase == Phase::Stopping ? 2 : 0;
}

/// What the 20 bytes keep of a record.
StatusRecord project(const StatusRecord& r) {
  StatusRecord p;
  p.pid = r.pid;
  p.want = r.want == Want::Up && !r.exiting ? Want::Up : Want::Down;
  p.paused = r.paused;
  p.sent_term = r.sent_term;
  const int state = state_of(r.phase);
  const Phase down = p.want == Want::Up ? Phase::Waiting : Phase::Stopped;
  p.phase = state == 0 ? down : state == 1 ? Phase::Running : Phase::Finishing;
  p.pid_changed = p.run_started = p.down_since = state == 0 ? r.down_since : r.run_started;
  return p;
}

TEST(Status, WritesWhatTheOriginalWrote) {
  for (const Golden& golden : kGolden) {
    const GroupSnapshot snapshot{record_of(golden), std::nullopt};
    EXPECT_EQ(test::encoded(test::file_named(kStatusCodec, "status"), snapshot), hex(golden.bytes))
        << golden.stat;
    EXPECT_EQ(test::text_of(test::encoded(test::file_named(kStatusCodec, "stat"), snapshot)), golden.stat);
    EXPECT_EQ(test::text_of(test::encoded(test::file_named(kStatusCodec, "pid"), snapshot)), golden.pid_file);
  }
}

TEST(Status, ReadsWhatTheOriginalWrote) {
  for (const Golden& golden : kGolden) {
    const auto status = test::decoded(kStatusCodec, hex(golden.bytes));
    ASSERT_TRUE(status) << golden.stat;
    EXPECT_TRUE(status->phase_known);
    EXPECT_EQ(status->snapshot.main, project(record_of(golden))) << golden.stat;
    EXPECT_FALSE(status->snapshot.log);
  }
}

TEST(Status, KeepsOfEveryRecordWhatTheBytesCanSay) {
  test::for_every_record([](const StatusRecord& r) {
    const Bytes bytes = test::encoded(test::file_named(kStatusCodec, "status"), {r, std::nullopt});
    EXPECT_EQ(bytes.size(), kStatusSize);
    const auto status = test::decoded(kStatusCodec, bytes);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->snapshot.main, project(r));
  });
}

TEST(Status, StatSaysTheSameInWords) {
  test::for_every_record([](const StatusRecord& r) {
    static constexpr const char* kStates[] = {"down", "run", "finish"};
    const int state = state_of(r.phase);
    std::string expected = kStates[state];
    if (r.paused) expected += ", paused";
    if (r.sent_term) expected += ", got TERM";
    if (state != 0 && r.exiting) expected += ", want exit";
    if (state != 0 && !r.exiting && r.want != Want::Up) expected += ", want down";
    const Bytes stat = test::encoded(test::file_named(kStatusCodec, "stat"), {r, std::nullopt});
    EXPECT_EQ(test::text_of(stat), expected + "\n");
  });
}

TEST(Status, TheLargestPidFits) {
  GroupSnapshot snapshot;
  snapshot.main.phase = Phase::Running;
  snapshot.main.pid = INT32_MAX;
  EXPECT_EQ(test::text_of(test::encoded(test::file_named(kStatusCodec, "pid"), snapshot)), "2147483647\n");
}

TEST(Status, FilesAreWrittenPidFirstAndStatusLast) {
  ASSERT_EQ(kStatusCodec.files.size(), 3U);
  EXPECT_STREQ(kStatusCodec.files[0].name, "pid");
  EXPECT_STREQ(kStatusCodec.files[1].name, "stat");
  EXPECT_STREQ(kStatusCodec.files[2].name, "status");
}

TEST(Status, OfTheLogIsItsOwnRecord) {
  GroupSnapshot pair;
  pair.main.pid = 0x11;
  pair.log.emplace();
  pair.log->pid = 0x22;
  pair.log->phase = Phase::Running;
  EXPECT_EQ(test::encoded(test::file_named(kStatusCodec, "status"), pair, Role::Log)[12], 0x22);
  EXPECT_EQ(test::text_of(test::encoded(test::file_named(kStatusCodec, "pid"), pair, Role::Log)), "34\n");
}

TEST(Status, AStateBeyondFinishIsNoKnownPhase) {
  Bytes bytes = hex(kGolden[0].bytes);
  for (unsigned state = 0; state < 256; ++state) {
    bytes[19] = static_cast<std::uint8_t>(state);
    const auto status = test::decoded(kStatusCodec, bytes);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->phase_known, state <= 2);
  }
}

TEST(Status, RefusesFewerThan20Bytes) {
  const Bytes whole = hex(kGolden[0].bytes);
  for (std::size_t size = 0; size < kStatusSize; ++size)
    EXPECT_FALSE(test::decoded(kStatusCodec, {whole.begin(), whole.begin() + size})) << size;
}

TEST(Status, OfAnyBytesDoesNoHarm) { test::expect_robust(kStatusCodec, hex(kGolden[6].bytes)); }

}  // namespace
}  // namespace kindred::runit
