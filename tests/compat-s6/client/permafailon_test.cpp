// What interfaces/s6.md section 10.11 says of s6-permafailon.

#include <gtest/gtest.h>

#include "compat-s6/death_tally.h"
#include "compat-s6/programs.h"
#include "core/sys/clock.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::s6 {
namespace {

using test::Ran;

class PermafailonTest : public ::testing::Test {
 protected:
  PermafailonTest() { dir_.make_directory("supervise"); }
  void died(std::int64_t seconds_ago, const ExitStatus& how) {
    std::array<std::uint8_t, kDeathSize> record;
    WallTime at = SystemClock().now().wall;
    at.seconds -= seconds_ago;
    put_death(record, 0, {at, how});
    tally_.append(reinterpret_cast<const char*>(record.data()), record.size());
    dir_.write("supervise/death_tally", tally_);
  }
  [[nodiscard]] Ran run(std::vector<std::string> words) const {
    words.insert(words.begin(), "s6-permafailon");
    const std::string path = dir_.path();
    return test::run_main(
        [path](int argc, char** argv) {
          return ::chdir(path.c_str()) == 0 ? permafailon_main(argc, argv) : 98;
        },
        words);
  }
  test::TestDirectory dir_;
  std::string tally_;
};

TEST_F(PermafailonTest, SaysWhatHasHappenedTooOften) {
  died(50, ExitStatus::exited(7));
  died(40, ExitStatus::signaled(SIGSEGV));
  const Ran ran = run({"3600", "2", "SEGV,7", "echo", "on"});
  EXPECT_EQ(ran.code, 125);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(
      ran.err,
      "s6-permafailon: info: PERMANENT FAILURE triggered after 2 events involving signal 11 in the last "
      "3600 seconds\n");
}

TEST_F(PermafailonTest, GoesOnBelowTheCountAndOutsideTheTime) {
  died(5000, ExitStatus::exited(7));
  died(40, ExitStatus::exited(7));
  EXPECT_EQ(run({"3600", "2", "7", "echo", "on"}).out, "on\n");
  EXPECT_EQ(run({"3600", "2", "7"}).code, 0);
  EXPECT_EQ(run({"9000", "2", "7"}).code, 125);
}

TEST_F(PermafailonTest, WithoutAGoodTallyTheProgramRunsAfterAWarning) {
  const Ran missing = run({"60", "1", "7", "echo", "on"});
  EXPECT_EQ(missing.out, "on\n");
  EXPECT_EQ(missing.err,
            "s6-permafailon: warning: unable to read supervise/death_tally: No such file or directory\n");
  dir_.write("supervise/death_tally", "torn");
  EXPECT_EQ(run({"60", "1", "7"}).err, "s6-permafailon: warning: invalid supervise/death_tally\n");
  EXPECT_EQ(::unlink(dir_.path("supervise/death_tally").c_str()), 0);
  // Nobody waits for its writer.
  EXPECT_EQ(::mkfifo(dir_.path("supervise/death_tally").c_str(), 0600), 0);
  EXPECT_EQ(run({"60", "1", "7", "echo", "on"}).out, "on\n");
}

TEST_F(PermafailonTest, RefusesWrongWords) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {}, {"60", "1"}, {"x", "1", "1"}, {"60", "0", "1"}, {"-x", "60", "1", "1"}, {"60", "1", "256"}})
    EXPECT_EQ(run(words).code, 100);
  EXPECT_EQ(run({"60", "1", "1", "/nonexistent/program"}).code, 127);
}

}  // namespace
}  // namespace kindred::s6
