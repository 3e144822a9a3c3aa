// What the conformance cases leave out of interfaces/nosh.md section 11.

#include "compat-nosh/client/status_text.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace kindred::nosh {
namespace {

constexpr WallTime kNow{1'000'000'000, 0};

class Text : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    status_.size = kStatusSize;
    status_.since = {kNow.seconds - 90, 0};
    status_.activity = 3;
    status_.pid = 7;
  }
  [[nodiscard]] std::string text() const {
    return short_text("web", {.supervised = true, .status = status_, .flags = flags_}, kNow, Colour::No);
  }
  [[nodiscard]] std::string in_full() const {
    return long_text("web", {.supervised = true, .status = status_, .flags = flags_}, kNow, Colour::No);
  }
  StatusFields status_;
  Flags flags_;
};

TEST_F(Text, AgesBeginWithTheirLargestUnit) {
  EXPECT_EQ(age_text(0), "0s");
  EXPECT_EQ(age_text(59), "59s");
  EXPECT_EQ(age_text(60), "1m 0s");
  EXPECT_EQ(age_text(3'600), "1h 0m 0s");
  EXPECT_EQ(age_text(90'030), "1d 1h 0m 30s");
}

TEST_F(Text, ReadyAfterRunHasWordsOfItsOwn) {
  flags_.ready_after_run = true;
  EXPECT_EQ(text(), "web: started (pid 7) since 2001-09-09 01:45:10 +0000; 1m 30s ago.\n");
  status_.pid = 0;
  EXPECT_EQ(text(), "web: ready since 2001-09-09 01:45:10 +0000; 1m 30s ago.\n");
  status_.activity = 0;
  EXPECT_EQ(text(), "web: stopped since 2001-09-09 01:45:10 +0000; 1m 30s ago; initially started.\n");
  StatusFields::End& run = status_.ends[static_cast<std::size_t>(Script::Run)];
  run.there = run.stamped = true;
  run.code = 1;
  EXPECT_EQ(text(), "web: done since 2001-09-09 01:45:10 +0000; 1m 30s ago.\n");
}

TEST_F(Text, AStampThatNoCalendarHoldsIsLeftOut) {
  status_.since = {INT64_MIN, 0};
  EXPECT_EQ(text(), "web: running (pid 7).\n");
}

TEST_F(Text, ConfigNamesEveryFlag) {
  flags_ = {
      .down = true, .remain = true, .ready_after_run = true, .use_hangup = true, .no_kill_signal = true};
  EXPECT_NE(in_full().find("\tConfig  : disabled, run on empty, ready after run, use SIGHUP, no SIGKILL\n"),
            std::string::npos);
}

TEST_F(Text, WithoutASupervisorThereIsTheConfigOnly) {
  EXPECT_EQ(long_text("web", {}, kNow, Colour::No),
            "web: \n\tState   : No supervisor is running\n\tConfig  : enabled\n");
  EXPECT_EQ(short_text("web", {}, kNow, Colour::Yes), "web: No supervisor is running\n");
}

TEST_F(Text, ColoursAreTheStatesOnly) {
  const std::string coloured =
      short_text("web", {.supervised = true, .status = status_, .flags = flags_}, kNow, Colour::Yes);
  EXPECT_EQ(coloured.find("web: \x1b["), 0U);
  EXPECT_NE(coloured.find("running\x1b[0m (pid 7)"), std::string::npos);
}

TEST_F(Text, ReadinessFollowsTheFlags) {
  // Source: interfaces/nosh.md section 6.
  const Flags plain, after{.ready_after_run = true}, remains{.remain = true, .ready_after_run = true};
  auto with = [&](std::uint8_t activity, std::uint32_t pid, bool run_ended) {
    StatusFields status = status_;
    status.activity = activity;
    status.pid = pid;
    StatusFields::End& run = status.ends[static_cast<std::size_t>(Script::Run)];
    run.there = run.stamped = run_ended;
    run.code = run_ended ? 1 : 0;
    return std::optional(status);
  };
  EXPECT_TRUE(is_ready(with(3, 7, false), plain) && is_ready(with(3, 0, false), plain));
  EXPECT_FALSE(is_ready(with(1, 7, false), plain) || is_ready(with(5, 7, true), plain));
  EXPECT_TRUE(is_ready(with(3, 0, true), after) && is_ready(with(4, 7, true), after) &&
              is_ready(with(5, 7, true), after) && is_ready(with(0, 0, true), after));
  EXPECT_FALSE(is_ready(with(3, 7, false), after) || is_ready(with(0, 0, false), after));
  EXPECT_TRUE(is_ready(with(3, 0, true), remains) && is_ready(with(5, 7, true), remains));
  EXPECT_FALSE(is_ready(with(4, 7, true), remains) || is_ready(with(0, 0, true), remains));
  EXPECT_FALSE(is_ready(std::nullopt, plain));
  StatusFields old = status_;
  old.activity.reset();
  EXPECT_TRUE(is_ready(old, plain));
  EXPECT_FALSE(is_ready(old, after));
}

}  // namespace
}  // namespace kindred::nosh
