#include "compat-s6/client/status_text.h"

#include <gtest/gtest.h>

#include <csignal>

namespace kindred::s6 {
namespace {

constexpr WallTime kNow{1'800'000'000, 0};

ServiceStatus up() {
  ServiceStatus status{.record = {}, .normally_up = true, .now = kNow};
  status.record.phase = Phase::Running;
  status.record.pid = 1234;
  status.record.pid_changed = status.record.run_started = {kNow.seconds - 100, 0};
  status.record.ready_changed = {kNow.seconds - 50, 0};
  return status;
}

ServiceStatus down(ExitStatus end) {
  ServiceStatus status = up();
  status.record.phase = Phase::Stopped;
  status.record.pid = 0;
  status.record.run_ended = status.record.run_started;
  status.record.exit_of(Script::Run) = end;
  return status;
}

TEST(StatusText, SaysWhatIsNotAsItShouldBe) {
  ServiceStatus status = up();
  EXPECT_EQ(status_text(status, false), "up (pid 1234) 100 seconds");
  status.record.ready = status.record.paused = true;
  status.record.want = Want::Once;
  status.normally_up = false;
  EXPECT_EQ(status_text(status, false),
            "up (pid 1234) 100 seconds, normally down, paused, want down, ready 50 seconds");
}

TEST(StatusText, SaysHowItEnded) {
  EXPECT_EQ(status_text(down(ExitStatus::exited(7)), false),
            "down (exitcode 7) 100 seconds, normally up, want up, ready 50 seconds");
  EXPECT_EQ(status_text(down(ExitStatus::signaled(SIGKILL)), false),
            "down (signal SIGKILL) 100 seconds, normally up, want up, ready 50 seconds");
  EXPECT_EQ(status_text(down(ExitStatus::signaled(SIGKILL)), true),
            "down (signal 9) 100 seconds, normally up, want up, ready 50 seconds");
}

TEST(StatusText, WhatWasNotStartedYetHasNoEndAndNoAge) {
  ServiceStatus status = down({});
  status.record.run_started = status.record.run_ended = {};
  EXPECT_EQ(status_text(status, false), "down (not started yet) , normally up, want up");
  EXPECT_EQ(field_text(status, Field::ExitCode), "-1");
  EXPECT_EQ(field_text(status, Field::ProcessGroup), "-1");
  EXPECT_EQ(field_text(status, Field::UpDownFor), "100");
}

TEST(StatusText, AnotherFamilyMayNotSayHowItEndedOrWhenItWasReady) {
  ServiceStatus status = down({});
  status.record.run_ended = status.record.ready_changed = {};
  EXPECT_EQ(status_text(status, false),
            "down (end unknown) 100 seconds, normally up, want up, ready 100 seconds");
  EXPECT_EQ(field_text(status, Field::ExitCode), "-1");
  EXPECT_EQ(field_text(status, Field::Signal), "NA");
}

TEST(StatusText, FinishIsDownAndNotReady) {
  ServiceStatus status = down(ExitStatus::exited(1));
  status.record.phase = Phase::Finishing;
  status.record.pid = 77;
  EXPECT_EQ(status_text(status, false), "down (exitcode 1) 100 seconds, normally up, want up");
  EXPECT_EQ(field_text(status, Field::Pid), "-1");
  EXPECT_EQ(field_text(status, Field::Up), "false");
}

TEST(StatusText, AFieldIsKnownByTheBeginningOfItsName) {
  EXPECT_EQ(parse_field("u"), Field::Up);
  EXPECT_EQ(parse_field("r"), Field::Ready);
  EXPECT_EQ(parse_field("s"), Field::Signal);
  EXPECT_EQ(parse_field("updown"), Field::UpDownSince);
  EXPECT_EQ(parse_field("readyfor"), Field::ReadyFor);
  EXPECT_EQ(parse_field(""), std::nullopt);
  EXPECT_EQ(parse_field("bogus"), std::nullopt);
  EXPECT_EQ(parse_field("pids"), std::nullopt);
}

TEST(StatusText, EndsAreOfServicesThatAreDown) {
  ServiceStatus status = up();
  status.record.exit_of(Script::Run) = ExitStatus::signaled(SIGTERM);
  EXPECT_EQ(field_text(status, Field::SignalNumber), "-1");
  EXPECT_EQ(field_text(status, Field::Signal), "NA");
  EXPECT_EQ(field_text(down(ExitStatus::signaled(SIGTERM)), Field::SignalNumber), "15");
  EXPECT_EQ(field_text(down(ExitStatus::exited(3)), Field::ExitCode), "3");
}

}  // namespace
}  // namespace kindred::s6
