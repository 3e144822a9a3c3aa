#include "compat-runit/init/stages.h"

#include <gtest/gtest.h>

#include <csignal>

namespace kindred::runit {
namespace {

// As waitpid(2) has them.
constexpr int exited(int code) { return code << 8; }

struct Row {
  Stage stage;
  int status;
  bool told;
  StageEnd end;
  std::optional<Stage> next;
};

TEST(Stages, FollowEachOtherByTheWayInWhichTheyEnd) {
  for (const Row& row : {
           Row{Stage::One, exited(0), false, StageEnd::Done, Stage::Two},
           Row{Stage::One, exited(1), false, StageEnd::Failed, Stage::Two},
           Row{Stage::One, exited(111), false, StageEnd::Failed, Stage::Two},
           Row{Stage::One, exited(100), false, StageEnd::Failed, Stage::Three},
           Row{Stage::One, SIGSEGV, false, StageEnd::Crashed, Stage::Two},
           Row{Stage::Two, exited(0), false, StageEnd::Done, Stage::Three},
           Row{Stage::Two, exited(1), false, StageEnd::Failed, Stage::Three},
           Row{Stage::Two, exited(100), false, StageEnd::Failed, Stage::Three},
           Row{Stage::Two, exited(111), false, StageEnd::Failed, Stage::Two},
           Row{Stage::Two, SIGSEGV, false, StageEnd::Crashed, Stage::Two},
           Row{Stage::Three, exited(0), false, StageEnd::Done, std::nullopt},
           Row{Stage::Three, exited(111), false, StageEnd::Failed, std::nullopt},
           Row{Stage::Three, SIGSEGV, false, StageEnd::Crashed, std::nullopt},
       }) {
    const AfterStage next = after(row.stage, row.status, row.told);
    EXPECT_EQ(next.end, row.end) << row.status;
    EXPECT_EQ(next.next, row.next) << row.status;
  }
}

TEST(Stages, TheSecondIsNotRunAgainOnceItWasToldToEnd) {
  for (const int status : {exited(0), exited(111), SIGTERM, SIGKILL}) {
    const AfterStage next = after(Stage::Two, status, true);
    EXPECT_EQ(next.next, Stage::Three) << status;
    EXPECT_EQ(next.end, status == exited(111) ? StageEnd::Failed : StageEnd::Done) << status;
  }
}

TEST(InitRequest, IsTheFirstByteOfTheFirstArgument) {
  EXPECT_EQ(init_request("0"), InitRequest::PowerOff);
  EXPECT_EQ(init_request("00"), InitRequest::PowerOff);
  EXPECT_EQ(init_request("6"), InitRequest::Reboot);
  for (const char* const word : {"", "x", "-0", "1"})
    EXPECT_EQ(init_request(word), InitRequest::None) << word;
  EXPECT_EQ(init_request(nullptr), InitRequest::None);
}

}  // namespace
}  // namespace kindred::runit
