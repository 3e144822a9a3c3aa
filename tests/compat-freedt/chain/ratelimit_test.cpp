// ratelimit and recordio. Source: interfaces/freedt.md sections 3.7 and 6.3.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>

#include "compat-freedt/chain/programs.h"
#include "compat-freedt/chain/token_bucket.h"
#include "core/chain/traffic_text.h"
#include "core/sys/clock.h"
#include "tests/core/cli/run_main.h"

namespace kindred::freedt {
namespace {

using namespace std::chrono_literals;
using test::Ran;
using test::run_main;
using test::RunningMain;

constexpr RunningMain::Input kPipe = RunningMain::Input::Pipe;
constexpr Instant kStart{1'000'000};

TEST(TokenBucket, HoldsASecondsWorth) {
  TokenBucket bucket(1000, kStart);
  EXPECT_EQ(bucket.allowed(4096, kStart), 1000U);
  EXPECT_EQ(bucket.allowed(400, kStart), 400U);
  bucket.take(1000);
  EXPECT_EQ(bucket.allowed(4096, kStart), 0U);
  EXPECT_EQ(bucket.allowed(4096, kStart + 3600s), 1000U);
}

TEST(TokenBucket, GivesTenthsOfASecond) {
  TokenBucket bucket(1000, kStart);
  bucket.take(1000);
  EXPECT_EQ(bucket.allowed(4096, kStart + 99ms), 0U);
  const Instant next = bucket.ready_at(4096);
  EXPECT_GE(next, kStart + 100ms);
  EXPECT_LE(next, kStart + 101ms);
  EXPECT_EQ(bucket.allowed(4096, next), 100U);
}

TEST(TokenBucket, NeverGivesMoreThanItsRate) {
  for (const std::uint64_t rate : {1U, 7U, 1000U, 123456U, 4000000000U}) {
    TokenBucket bucket(rate, kStart);
    Instant now = kStart;
    double sum = 0;
    for (int i = 0; i < 1000; ++i) {
      const std::size_t bytes = bucket.allowed(4096, now);
      bucket.take(bytes);
      sum += static_cast<double>(bytes);
      const double seconds = static_cast<double>((now - kStart).count()) / 1e6;
      ASSERT_LE(sum, static_cast<double>(rate) * (seconds + 1) + 0.5) << rate;
      const Instant next = bucket.ready_at(4096);
      ASSERT_TRUE(next > now || bucket.allowed(4096, now) > 0) << rate;
      now = next;
    }
    EXPECT_GE(sum, 1000) << rate;  // it goes on
  }
}

TEST(TokenBucket, ARateOfZeroIsNone) {
  TokenBucket bucket(0, kStart);
  bucket.take(1 << 30);
  EXPECT_EQ(bucket.allowed(4096, kStart), 4096U);
}

TEST(TrafficText, HasALineForEachLine) {
  EXPECT_EQ(traffic_text("7", Direction::In, "ping\n"), "7 < ping \n");
  EXPECT_EQ(traffic_text("7", Direction::Out, "a\n\nb"), "7 > a \n7 >  \n7 > b+\n");
  EXPECT_EQ(traffic_text("7", Direction::Out, ""), "7 > [EOF]\n");
}

TEST(Ratelimit, StandsBetween) {
  RunningMain program(ratelimit_main, {"ratelimit", "sh", "-c", "read x; echo got $x; exit 3"}, kPipe);
  program.write("in\n");
  const Ran ran = program.end();
  EXPECT_EQ(ran.out, "got in\n");
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.code, 3);
}

TEST(Ratelimit, MuchPassesUnchanged) {
  std::string much;
  while (much.size() < 60000) much += std::to_string(much.size()) + "\n";
  RunningMain program(ratelimit_main, {"ratelimit", "-i", "0", "-o0", "cat"}, kPipe);
  program.write(much);
  program.end_input();
  EXPECT_EQ(program.end().out, much);
}

TEST(Ratelimit, SlowsDownWhatExceedsASecondsWorth) {
  for (const char* option : {"-i", "-o"}) {
    const SystemClock clock;
    RunningMain program(ratelimit_main, {"ratelimit", option, "1000", "cat"}, kPipe);
    const Instant begin = clock.now().steady;
    program.write(std::string(1300, 'x'));
    program.end_input();
    EXPECT_EQ(program.end().out, std::string(1300, 'x'));
    EXPECT_GE(clock.now().steady - begin, 200ms) << option;
  }
}

TEST(Ratelimit, PassesSignalsOn) {
  RunningMain program(
      ratelimit_main,
      {"ratelimit", "sh", "-c", "trap 'echo bye; exit 4' TERM; echo ready; while :; do read x; done"}, kPipe);
  ASSERT_TRUE(program.prints("ready\n"));
  program.kill(SIGTERM);
  const Ran ran = program.end();
  EXPECT_EQ(ran.out, "ready\nbye\n");
  EXPECT_EQ(ran.code, 4);
}

TEST(Ratelimit, EndsWithItsProgramThoughThereIsInput) {
  RunningMain program(ratelimit_main, {"ratelimit", "true"}, kPipe);
  EXPECT_EQ(program.end().code, 0);
}

TEST(Ratelimit, AProgramThatNobodyReadsIsTold) {
  RunningMain program(ratelimit_main, {"ratelimit", "yes"}, kPipe);
  ASSERT_TRUE(program.prints("y\n"));
  program.stop_reading_output();
  const Ran ran = program.end();
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "ratelimit: fatal: child crashed\n");
}

TEST(Ratelimit, SaysWhatItCannotDo) {
  const Ran missing = run_main(ratelimit_main, {"ratelimit", "/nowhere/program"});
  EXPECT_EQ(missing.code, 111);
  EXPECT_EQ(missing.err, "ratelimit: fatal: unable to run /nowhere/program: file does not exist\n");
  using Words = std::vector<std::string>;
  for (const Words& words : {Words{"ratelimit"},
                             {"ratelimit", "-i", "x", "true"},
                             {"ratelimit", "-o", "-1", "true"},
                             {"ratelimit", "-q", "true"}})
    EXPECT_EQ(run_main(ratelimit_main, words).code, 100);
}

TEST(Recordio, ShowsTheTraffic) {
  RunningMain program(recordio_main, {"recordio", "sh", "-c", "read x; echo $$; read x; printf end"}, kPipe);
  program.write("ping\n");
  ASSERT_TRUE(program.prints("\n"));
  program.write("pong\n");
  const Ran ran = program.end();
  const std::string pid = ran.out.substr(0, ran.out.find('\n'));
  for (const char* const line : {" < ping \n", " < pong \n", " > end+\n", " > [EOF]\n"})
    EXPECT_NE(ran.err.find(pid + line), std::string::npos) << line << ran.err;
  EXPECT_NE(ran.err.find(pid + " > " + pid + " \n"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace kindred::freedt
