#include "core/frontend/status_text.h"

#include <gtest/gtest.h>

namespace kindred {
namespace {

constexpr WallTime kNow{1'800'000'000, 0};

std::string text(std::int32_t pid, bool paused, Want want, bool normally_down) {
  StatusRecord record;
  record.pid = pid;
  record.paused = paused;
  record.want = want;
  record.pid_changed = {kNow.seconds - 5, 0};
  return status_text(record, normally_down, kNow);
}

// interfaces/daemontools.md section 7.3, line by line.
TEST(StatusText, SaysWhatDiffersFromWhatIs) {
  struct Row {
    bool normally_down;
    std::int32_t pid;
    bool paused;
    Want want;
    const char* line;
  };
  constexpr Row kRows[] = {
      {false, 0, false, Want::Once, "down 5 seconds, normally up"},
      {false, 0, true, Want::Down, "down 5 seconds, normally up"},
      {false, 0, false, Want::Up, "down 5 seconds, normally up, want up"},
      {false, 77, false, Want::Once, "up (pid 77) 5 seconds"},
      {false, 77, false, Want::Up, "up (pid 77) 5 seconds"},
      {false, 77, false, Want::Down, "up (pid 77) 5 seconds, want down"},
      {false, 77, true, Want::Up, "up (pid 77) 5 seconds, paused"},
      {false, 77, true, Want::Down, "up (pid 77) 5 seconds, paused, want down"},
      {true, 0, true, Want::Down, "down 5 seconds"},
      {true, 0, false, Want::Up, "down 5 seconds, want up"},
      {true, 77, false, Want::Up, "up (pid 77) 5 seconds, normally down"},
      {true, 77, false, Want::Down, "up (pid 77) 5 seconds, normally down, want down"},
      {true, 77, true, Want::Once, "up (pid 77) 5 seconds, normally down, paused"},
      {true, 77, true, Want::Down, "up (pid 77) 5 seconds, normally down, paused, want down"},
  };
  for (const Row& row : kRows) EXPECT_EQ(text(row.pid, row.paused, row.want, row.normally_down), row.line);
}

TEST(StatusText, ThePidIsUnsigned) {
  EXPECT_EQ(text(-1, false, Want::Up, false), "up (pid 4294967295) 5 seconds");
}

TEST(StatusText, OneSecondIsSecondsToo) {
  StatusRecord record;
  record.pid_changed = {kNow.seconds - 1, 999'999'999};
  record.want = Want::Down;
  EXPECT_EQ(status_text(record, true, kNow), "down 1 seconds");
}

}  // namespace
}  // namespace kindred
