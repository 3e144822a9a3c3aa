// What interfaces/runit.md section 12 says of utmpset.

#include <gtest/gtest.h>
#include <utmp.h>

#include "compat-runit/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::runit {
namespace {

using test::Ran;

utmp record(short type, const char* line, const char* user, pid_t pid) {
  utmp made{};
  made.ut_type = type;
  made.ut_pid = pid;
  std::string_view(line).copy(made.ut_line, sizeof made.ut_line);
  std::string_view(user).copy(made.ut_user, sizeof made.ut_user);
  std::string_view("host").copy(made.ut_host, sizeof made.ut_host);
  made.ut_id[0] = '1';
  made.ut_tv.tv_sec = 1000;
  return made;
}

class UtmpsetTest : public ::testing::Test {
 protected:
  void logged_in(const utmp& made) {
    content_.append(reinterpret_cast<const char*>(&made), sizeof made);
    dir_.write("utmp", content_);
  }
  [[nodiscard]] utmp at(const char* file, std::size_t i) const {
    const std::string bytes = dir_.read(file);
    utmp found{};
    EXPECT_GE(bytes.size(), (i + 1) * sizeof found);
    if (bytes.size() >= (i + 1) * sizeof found)
      std::memcpy(&found, bytes.data() + i * sizeof found, sizeof found);
    return found;
  }
  [[nodiscard]] Ran run(const std::string& line, bool both) const {
    const std::string utmp_path = dir_.path("utmp"), wtmp_path = dir_.path("wtmp");
    return test::run_main(
        [&](int, char**) { return log_out(line, utmp_path.c_str(), both ? wtmp_path.c_str() : nullptr); },
        {"x"});
  }
  test::TestDirectory dir_;
  std::string content_;
};

TEST_F(UtmpsetTest, TheFirstUserOnTheLineIsLoggedOutAndNobodyElse) {
  logged_in(record(USER_PROCESS, "tty2", "ann", 7));
  logged_in(record(LOGIN_PROCESS, "tty1", "", 8));
  logged_in(record(USER_PROCESS, "tty1", "joe", 9));
  logged_in(record(USER_PROCESS, "tty1", "bob", 10));
  const std::string before = content_;
  EXPECT_EQ(run("tty1", false).code, 0);
  const utmp out = at("utmp", 2);
  EXPECT_EQ(out.ut_type, DEAD_PROCESS);
  EXPECT_STREQ(out.ut_user, "");
  EXPECT_STREQ(out.ut_host, "");
  EXPECT_STREQ(out.ut_line, "tty1");
  EXPECT_EQ(out.ut_pid, 9);
  EXPECT_EQ(out.ut_id[0], '1');
  EXPECT_GT(out.ut_tv.tv_sec, 1000);
  std::string after = dir_.read("utmp");
  after.replace(2 * sizeof(utmp), sizeof(utmp), before, 2 * sizeof(utmp), sizeof(utmp));
  EXPECT_EQ(after, before);
  EXPECT_FALSE(dir_.exists("wtmp"));
}

TEST_F(UtmpsetTest, WtmpIsAppendedTo) {
  logged_in(record(USER_PROCESS, "tty1", "joe", 9));
  dir_.write("wtmp", std::string(sizeof(utmp), 'x'));
  EXPECT_EQ(run("tty1", true).code, 0);
  const utmp out = at("wtmp", 1);
  EXPECT_EQ(out.ut_type, DEAD_PROCESS);
  EXPECT_STREQ(out.ut_line, "tty1");
  EXPECT_STREQ(out.ut_user, "");
  EXPECT_EQ(out.ut_pid, 0);
  EXPECT_GT(out.ut_tv.tv_sec, 1000);
}

TEST_F(UtmpsetTest, NobodyThereIsSaidAndWtmpIsLeftAlone) {
  logged_in(record(USER_PROCESS, "tty1", "joe", 9));
  for (const std::string line : {"tty", "tty10", "", "x", "0123456789012345678901234567890123456789"}) {
    const Ran ran = run(line, true);
    EXPECT_EQ(ran.code, 111);
    EXPECT_EQ(ran.err, "utmpset: warning: unable to logout line " + line + " in utmp: no such entry\n");
  }
  EXPECT_FALSE(dir_.exists("wtmp"));
  EXPECT_EQ(run("tty1", false).code, 0);
  EXPECT_EQ(run("tty1", false).code, 111);
}

TEST_F(UtmpsetTest, ATornRecordAtTheEndIsNone) {
  logged_in(record(USER_PROCESS, "tty1", "joe", 9));
  dir_.write("utmp", content_.substr(0, content_.size() - 1));
  EXPECT_EQ(run("tty1", false).code, 111);
}

TEST_F(UtmpsetTest, FilesThatCannotBeOpenedAreNamed) {
  EXPECT_EQ(run("tty1", false).err,
            "utmpset: fatal: unable to open " + dir_.path("utmp") + ": file does not exist\n");
  logged_in(record(USER_PROCESS, "tty1", "joe", 9));
  dir_.make_directory("wtmp");
  const Ran ran = run("tty1", true);
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "utmpset: fatal: unable to open " + dir_.path("wtmp") + ": is a directory\n");
}

TEST_F(UtmpsetTest, WrongUsage) {
  EXPECT_EQ(test::run_main(utmpset_main, {"utmpset"}).code, 1);
  EXPECT_EQ(test::run_main(utmpset_main, {"utmpset", "-w"}).err, "usage: utmpset [-w] line\n\n");
  EXPECT_EQ(test::run_main(utmpset_main, {"utmpset", "-x", "tty1"}).err,
            "utmpset: illegal option -- x\nusage: utmpset [-w] line\n\n");
}

}  // namespace
}  // namespace kindred::runit
