#include "compat-s6/client/service_wait.h"

#include <gtest/gtest.h>

namespace kindred::s6 {
namespace {

using State = ServiceProgress::State;

/// The state after each event, from a service that is down and rests.
State after(WaitFor what, std::string_view events) {
  ServiceProgress progress(what, false, true);
  for (const char event : events) progress.hear(event);
  return progress.state();
}

TEST(ServiceProgress, WaitsForUp) {
  EXPECT_EQ(after(WaitFor::Up, ""), State::Pending);
  EXPECT_EQ(after(WaitFor::Up, "s"), State::Pending);
  EXPECT_EQ(after(WaitFor::Up, "u"), State::Done);
  EXPECT_EQ(after(WaitFor::Up, "ud"), State::Done);
}

TEST(ServiceProgress, WaitsForReadiness) {
  EXPECT_EQ(after(WaitFor::UpReady, "u"), State::Pending);
  EXPECT_EQ(after(WaitFor::UpReady, "udDu"), State::Pending);
  EXPECT_EQ(after(WaitFor::UpReady, "uU"), State::Done);
}

TEST(ServiceProgress, WaitsForDownAndForTheEndOfFinish) {
  ServiceProgress down(WaitFor::Down, true, false), rest(WaitFor::DownReady, true, false);
  for (ServiceProgress* progress : {&down, &rest}) progress->hear('d');
  EXPECT_EQ(down.state(), State::Done);
  EXPECT_EQ(rest.state(), State::Pending);
  rest.hear('D');
  EXPECT_EQ(rest.state(), State::Done);
}

TEST(ServiceProgress, ARestartIsRestAndThenUp) {
  ServiceProgress progress(WaitFor::Restart, true, false);
  for (const char event : {'U', 'd', 'u', 'd'}) {
    progress.hear(event);
    EXPECT_EQ(progress.state(), State::Pending) << event;
  }
  progress.hear('D');
  EXPECT_EQ(progress.state(), State::Pending);
  progress.hear('u');
  EXPECT_EQ(progress.state(), State::Done);
  EXPECT_EQ(after(WaitFor::RestartReady, "u"), State::Pending);
  EXPECT_EQ(after(WaitFor::RestartReady, "uU"), State::Done);
}

TEST(ServiceProgress, PermanentFailureFailsWhoWaitsForUpOnly) {
  for (const WaitFor what : {WaitFor::Up, WaitFor::UpReady, WaitFor::RestartReady})
    EXPECT_EQ(after(what, "OD"), State::Failed);
  ServiceProgress down(WaitFor::DownReady, true, false);
  for (const char event : {'d', 'O', 'D'}) down.hear(event);
  EXPECT_EQ(down.state(), State::Done);
}

TEST(ServiceProgress, ASupervisorThatLeavesFailsWhoStillWaits) {
  EXPECT_EQ(after(WaitFor::Up, "x"), State::Failed);
  EXPECT_EQ(after(WaitFor::Up, "ux"), State::Done);
}

TEST(ServiceProgress, AProcessThatIsAnotherOneWasDownInBetween) {
  ServiceProgress down(WaitFor::DownReady, true, false), again(WaitFor::Restart, true, false);
  for (ServiceProgress* progress : {&down, &again}) {
    progress->see(true, false, false);
    EXPECT_EQ(progress->state(), State::Pending);
    progress->see(true, false, true);
    EXPECT_EQ(progress->state(), State::Done);
  }
}

}  // namespace
}  // namespace kindred::s6
