#include "compat-nosh/status.h"

#include <csignal>

#include "tests/core/codec.h"
#include "tests/core/families.h"
#include "tests/core/simulation.h"

namespace kindred::nosh {
namespace {

using test::Bytes;
using test::hex;
using test::Simulation;

// 2000-01-01 00:02:13 UTC, when 32 leap seconds had to be added.
const char* const kStamp = "40000000386d4425 00000000";
constexpr WallTime kMoment{946'684'933, 0};

Bytes record(const std::string& main, const std::string& ends) { return hex(kStamp + main + ends); }
std::string end(const std::string& code_and_number) { return code_and_number + kStamp; }

TEST(Status, ReadsWhatTheOriginalWrites) {
  const auto status =
      test::decoded(kStatusCodec, record("d2040000 01 64 03", end("01 0000000a") + end("02 0000000f") +
                                                                  end("03 0000000b") + end("00 00000000")));
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->phase_known);
  const StatusRecord& r = status->snapshot.main;
  EXPECT_EQ(r.pid, 1234);
  EXPECT_EQ(r.phase, Phase::Running);
  EXPECT_EQ(r.want, Want::Down);
  EXPECT_TRUE(r.paused);
  EXPECT_EQ(r.pid_changed, kMoment);
  EXPECT_EQ(r.exit_of(Script::Start), ExitStatus::exited(10));
  EXPECT_EQ(r.exit_of(Script::Run), ExitStatus::signaled(SIGTERM));
  EXPECT_EQ(r.exit_of(Script::Finish), ExitStatus::signaled(SIGSEGV, true));
  EXPECT_EQ(r.exit_of(Script::Stop), ExitStatus{});
  EXPECT_EQ(r.run_ended, kMoment);
  EXPECT_EQ(r.changed(Script::Stop), kMoment);
  EXPECT_FALSE(status->snapshot.log);
}

TEST(Status, ActivityAndPidAreThePhase) {
  const struct {
    const char* bytes;
    Phase phase;
    Want want;
  } rows[] = {
      {"00000000 00 00 00", Phase::Stopped, Want::Down},  {"05000000 00 75 01", Phase::Starting, Want::Up},
      {"00000000 00 75 01", Phase::Waiting, Want::Up},    {"05000000 00 6f 02", Phase::Started, Want::Once},
      {"05000000 00 00 03", Phase::Running, Want::Up},    {"00000000 00 4f 03", Phase::Started, Want::Once},
      {"05000000 00 64 04", Phase::Stopping, Want::Down}, {"05000000 00 00 05", Phase::Finishing, Want::Up},
      {"00000000 00 00 05", Phase::Failed, Want::Down},
  };
  for (const auto& row : rows) {
    const auto status = test::decoded(kStatusCodec, record(row.bytes, ""));
    ASSERT_TRUE(status) << row.bytes;
    EXPECT_TRUE(status->phase_known) << row.bytes;
    EXPECT_EQ(status->snapshot.main.phase, row.phase) << row.bytes;
    EXPECT_EQ(status->snapshot.main.want, row.want) << row.bytes;
  }
  const auto unknown = test::decoded(kStatusCodec, record("05000000 00 00 06", ""));
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(unknown->phase_known);
}

TEST(Status, ReadsEveryRecordThatTheFamilyEverWrote) {
  const auto daemontools = test::decoded(kStatusCodec, record("d2040000 00 75", ""));
  ASSERT_TRUE(daemontools);
  EXPECT_EQ(daemontools->snapshot.main.phase, Phase::Running);
  EXPECT_EQ(daemontools->snapshot.main.want, Want::Up);
  const auto first = test::decoded(kStatusCodec, record("d2040000 00 00 04 00", ""));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->snapshot.main.phase, Phase::Stopping);
  const auto second = test::decoded(
      kStatusCodec, record("00000000 00 00 00", "01 00000001  02 00000009  00 00000000  01 00000000"));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->snapshot.main.exit_of(Script::Start), ExitStatus::exited(1));
  EXPECT_EQ(second->snapshot.main.exit_of(Script::Run), ExitStatus::signaled(SIGKILL));
  EXPECT_EQ(second->snapshot.main.exit_of(Script::Stop), ExitStatus::exited(0));
}

TEST(Status, AnEndThatIsNotThereInFullIsNotThere) {
  const auto status =
      test::decoded(kStatusCodec, record("00000000 00 00 00", end("01 00000001") + "01 00000002"));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->snapshot.main.exit_of(Script::Start), ExitStatus::exited(1));
  EXPECT_EQ(status->snapshot.main.exit_of(Script::Run), ExitStatus{});
}

TEST(Status, AnEndThatNoProcessHasIsUnknown) {
  for (const char* odd : {"09 00000000", "01 00000100", "02 00000000"}) {
    const auto status = test::decoded(kStatusCodec, record("00000000 00 00 00", end(odd)));
    ASSERT_TRUE(status) << odd;
    EXPECT_EQ(status->snapshot.main.exit_of(Script::Start), ExitStatus::unknown()) << odd;
  }
}

TEST(Status, FieldsAreWhatTheBytesAre) {
  const Bytes bytes = record("d2040000 01 4f 06", end("01 00000100"));
  const auto fields = read_fields(bytes);
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->size, bytes.size());
  EXPECT_EQ(fields->label, 4'611'686'019'374'072'869U);
  EXPECT_EQ(fields->pid, 1234U);
  EXPECT_EQ(fields->pending, 'O');
  EXPECT_EQ(fields->activity, 6);
  const StatusFields::End& start = fields->end_of(Script::Start);
  EXPECT_TRUE(start.there && start.stamped);
  EXPECT_EQ(start.number, 256U);
  EXPECT_EQ(start.at, kMoment);
  EXPECT_FALSE(fields->end_of(Script::Run).there);
  EXPECT_FALSE(read_fields({bytes.data(), 18})->activity);
  EXPECT_FALSE(read_fields({bytes.data(), 17}));
}

/// "paused pending activity" of the simulated service, and for each script "code number".
std::string flags(const Simulation& sim) {
  const Bytes bytes = sim.status_bytes();
  EXPECT_EQ(bytes.size(), kStatusSize);
  char text[7];
  std::snprintf(text, sizeof text, "%02x%02x%02x", bytes[16], bytes[17], bytes[18]);
  return text;
}
std::string ends(const Simulation& sim) {
  const Bytes bytes = sim.status_bytes();
  std::string text;
  for (std::size_t i = 0; i < kScripts; ++i)
    text +=
        (i > 0 ? " " : "") + std::to_string(bytes[19 + 17 * i]) + "/" + std::to_string(bytes[23 + 17 * i]);
  return text;
}

class Life : public ::testing::Test {
 protected:
  void SetUp() override {
    sim_.world.has_script = [](Role, Script) { return true; };
    sim_.world.finish_ends_at_once = false;
    sim_.begin(Want::Down);
  }
  Simulation sim_{test::kNosh};
};

TEST_F(Life, FromTheLoadToTheStop) {
  EXPECT_EQ(flags(sim_), "000000");
  EXPECT_EQ(ends(sim_), "0/0 0/0 0/0 0/0");
  const Bytes loaded = sim_.status_bytes();
  for (std::size_t i = 0; i < kScripts; ++i)
    EXPECT_TRUE(std::equal(loaded.begin(), loaded.begin() + 12, loaded.begin() + 24 + 17 * i)) << i;
  sim_.control("u");
  EXPECT_EQ(flags(sim_), "007501");
  sim_.main_exits(7);
  EXPECT_EQ(flags(sim_), "000003");
  EXPECT_EQ(ends(sim_), "1/7 0/0 0/0 0/0");
  sim_.control("d");
  EXPECT_EQ(flags(sim_), "006403");
  sim_.main_killed(SIGTERM);
  EXPECT_EQ(flags(sim_), "006405");
  EXPECT_EQ(ends(sim_), "1/7 2/15 0/0 0/0");
  sim_.main_exits(0);
  EXPECT_EQ(flags(sim_), "006404");
  sim_.control("u");
  EXPECT_EQ(flags(sim_), "007504");
  sim_.control("d");
  sim_.main_exits(9);
  EXPECT_EQ(flags(sim_), "000000");
  EXPECT_EQ(ends(sim_), "1/7 2/15 1/0 1/9");
  sim_.control("u");
  EXPECT_EQ(ends(sim_), "0/0 0/0 0/0 0/0");
}

TEST_F(Life, UpInTheStopStartsAtOnce) {
  sim_.control("u");
  sim_.main_exits(0);
  sim_.control("d");
  sim_.main_killed(SIGTERM);
  sim_.main_exits(0);
  sim_.control("u");
  EXPECT_EQ(flags(sim_), "007504");
  sim_.main_exits(0);
  EXPECT_EQ(flags(sim_), "007501");
  EXPECT_NE(sim_.status_bytes()[12], 0);
}

TEST_F(Life, StampsOfTheEndsAreInTheirOrder) {
  sim_.control("u");
  for (int i = 0; i < 2; ++i) {
    sim_.advance(std::chrono::seconds(5));
    sim_.main_exits(0);
  }
  sim_.control("d");
  for (int i = 0; i < 2; ++i) {
    sim_.advance(std::chrono::seconds(5));
    sim_.main_exits(0);
  }
  const auto fields = read_fields(sim_.status_bytes());
  ASSERT_TRUE(fields);
  for (std::size_t i = 1; i < kScripts; ++i)
    EXPECT_EQ(fields->ends[i].at.seconds, fields->ends[i - 1].at.seconds + 5);
  EXPECT_EQ(fields->end_of(Script::Stop).at, fields->since);
}

TEST_F(Life, ARestartKeepsWhatStartAndRestartSaid) {
  sim_.control("u");
  sim_.main_exits(1);
  sim_.advance(std::chrono::seconds(5));
  sim_.main_exits(2);
  sim_.main_exits(0);
  EXPECT_EQ(flags(sim_), "000003");
  EXPECT_EQ(ends(sim_), "1/1 0/0 1/0 0/0");
}

TEST_F(Life, OnceStaysPendingUntilItIsStopped) {
  sim_.control("o");
  EXPECT_EQ(flags(sim_), "006f01");
  sim_.main_exits(0);
  EXPECT_EQ(flags(sim_), "006f03");
  sim_.control("p");
  EXPECT_EQ(flags(sim_), "016f03");
  sim_.control("u");
  EXPECT_EQ(flags(sim_), "010003");
}

TEST_F(Life, OnceAtMostIsToldApart) {
  sim_.control("O");
  EXPECT_EQ(flags(sim_), "000000");
  sim_.control("u");
  sim_.control("O");
  EXPECT_EQ(flags(sim_), "004f01");
  sim_.main_exits(0);
  EXPECT_EQ(flags(sim_), "004f03");
  sim_.control("o");
  EXPECT_EQ(flags(sim_), "006f03");
  sim_.control("O");
  sim_.main_exits(0);
  EXPECT_EQ(flags(sim_), "004f05");
  sim_.main_exits(1);
  EXPECT_EQ(flags(sim_), "004f04");
  sim_.main_exits(0);
  EXPECT_EQ(flags(sim_), "000000");
}

TEST_F(Life, NothingIsPendingWhereRestartSaysNo) {
  sim_.control("u");
  sim_.main_exits(0);
  sim_.main_exits(0);
  EXPECT_EQ(flags(sim_), "000005");
  sim_.control("u");
  EXPECT_EQ(flags(sim_), "007505");
  sim_.main_exits(1);
  EXPECT_EQ(flags(sim_), "000004");
  sim_.control("_");
  EXPECT_EQ(flags(sim_), "006404");
  sim_.control("u");
  EXPECT_EQ(flags(sim_), "007504");
  sim_.main_exits(0);
  EXPECT_EQ(flags(sim_), "007501");
}

TEST_F(Life, APauseIsNoticedWhoeverMadeIt) {
  sim_.control("u");
  sim_.main_exits(0);
  const Bytes before = sim_.status_bytes();
  const std::int32_t pid = sim_.record().pid;
  sim_.happens(Role::Main, event::Stopped{pid, true});
  EXPECT_EQ(flags(sim_), "010003");
  sim_.happens(Role::Main, event::Stopped{pid + 1, false});
  EXPECT_EQ(flags(sim_), "010003");
  sim_.happens(Role::Main, event::Stopped{pid, false});
  EXPECT_EQ(sim_.status_bytes(), before);
}

TEST_F(Life, OnEmptyItRunsWithoutAProcess) {
  sim_.empty_is_up();
  sim_.control("u");
  sim_.main_exits(0);
  sim_.main_exits(0);
  EXPECT_EQ(flags(sim_), "000003");
  EXPECT_EQ(get_le<4>(sim_.status_bytes(), 12), 0U);
  EXPECT_EQ(ends(sim_), "1/0 1/0 0/0 0/0");
  sim_.control("o");
  EXPECT_EQ(flags(sim_), "006f03");
}

TEST(Status, OfEveryRecordIsWholeAndTellsWhatItsDecoderTakesFromIt) {
  test::for_every_record([](const StatusRecord& r) {
    const Bytes bytes = test::encoded(kStatusCodec.files[0], {r, std::nullopt});
    ASSERT_EQ(bytes.size(), kStatusSize);
    const auto status = test::decoded(kStatusCodec, bytes);
    ASSERT_TRUE(status && status->phase_known);
    const StatusRecord& told = status->snapshot.main;
    EXPECT_EQ(told.phase, r.phase);
    EXPECT_EQ(told.pid, r.pid);
    EXPECT_EQ(told.pid_changed, r.pid_changed);
    EXPECT_EQ(told.paused, r.paused && r.pid != 0);
    if (r.phase != Phase::Stopped && r.phase != Phase::Failed) {
      EXPECT_EQ(told.want, r.want);
    }
    EXPECT_EQ(test::encoded(kStatusCodec.files[0], status->snapshot), bytes);
  });
}

TEST(Status, OfAPairsLogIsTheLogs) {
  GroupSnapshot pair;
  pair.main.pid = 0x11;
  pair.log.emplace();
  pair.log->pid = 0x22;
  EXPECT_EQ(test::encoded(kStatusCodec.files[0], pair)[12], 0x11);
  EXPECT_EQ(test::encoded(kStatusCodec.files[0], pair, Role::Log)[12], 0x22);
}

TEST(Status, RefusesFewerThan18Bytes) {
  const Bytes whole = record("00000000 00 00", "");
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(
        test::decoded(kStatusCodec, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}));
}

TEST(Status, OfAnyBytesDoesNoHarm) {
  test::expect_robust(kStatusCodec, test::encoded(kStatusCodec.files[0], GroupSnapshot{}));
}

}  // namespace
}  // namespace kindred::nosh
