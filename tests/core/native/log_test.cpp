#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/tai64n.h"
#include "core/native/subcommands.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::Ran;
using test::write_file;

Ran log(std::vector<std::string> words) {
  words.insert(words.begin(), "log");
  return test::run_main(log_main, words);
}

std::string line(std::int64_t seconds, const std::string& text) {
  return tai64n_text(WallTime{seconds, 0}, TaiOffset::Constant10) + " " + text + "\n";
}

class KindredLog : public ::testing::Test {
 protected:
  KindredLog() {
    setenv("TZ", "UTC", 1);
    setenv("SVDIR", root_.path().c_str(), 1);
    for (const char* name : {"web", "db"})
      write_file(root_.path(std::string(name) + "/log/run"), "#!/bin/sh\nexec multilog t ./main\n", 0755);
    write_file(current("web"), line(1700000000, "web one") + line(1700000002, "web two"));
    write_file(current("db"), line(1700000001, "db one") + line(1700000003, "db two"));
  }
  ~KindredLog() override { unsetenv("SVDIR"); }
  [[nodiscard]] std::string current(const std::string& name) const {
    return root_.path(name + "/log/main/current");
  }
  test::TestDirectory root_;
};

TEST_F(KindredLog, ShowsALogInLocalTime) {
  const Ran ran = log({"web"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "2023-11-14 22:13:20.000000 web one\n2023-11-14 22:13:22.000000 web two\n");
}

TEST_F(KindredLog, MergesServicesInOrder) {
  const Ran ran = log({"web", "db"});
  EXPECT_EQ(ran.out,
            "2023-11-14 22:13:20.000000 web: web one\n2023-11-14 22:13:21.000000 db: db one\n"
            "2023-11-14 22:13:22.000000 web: web two\n2023-11-14 22:13:23.000000 db: db two\n");
  EXPECT_EQ(log({"?eb", "d*"}).out, ran.out);
}

TEST_F(KindredLog, ShowsThePartThatIsAskedFor) {
  EXPECT_EQ(log({"-n1", "web", "db"}).out, "2023-11-14 22:13:23.000000 db: db two\n");
  EXPECT_EQ(log({"-n", "0", "web"}).out, "");
  EXPECT_EQ(log({"--since", "@1700000002", "web"}).out, "2023-11-14 22:13:22.000000 web two\n");
  EXPECT_EQ(log({"--until", "2023-11-14 22:13:21", "web"}).out, "2023-11-14 22:13:20.000000 web one\n");
  EXPECT_EQ(log({"--grep", "^db (one|three)$", "web", "db"}).out, "2023-11-14 22:13:21.000000 db: db one\n");
  EXPECT_EQ(log({"-n1", "--grep", "one", "web", "db"}).out, "2023-11-14 22:13:21.000000 db: db one\n");
}

TEST_F(KindredLog, SpeaksJson) {
  const Ran ran = log({"--json", "-n1", "web"});
  const auto object = nlohmann::json::parse(ran.out);
  EXPECT_EQ(object["service"], "web");
  EXPECT_EQ(object["time"], "2023-11-14 22:13:22.000000");
  EXPECT_EQ(object["seconds"], 1700000002);
  EXPECT_EQ(object["message"], "web two");
}

TEST_F(KindredLog, TakesTheLogDirectoryItself) {
  EXPECT_EQ(log({root_.path("web/log/main"), "-n1"}).out, "2023-11-14 22:13:22.000000 web two\n");
}

TEST_F(KindredLog, FollowsAsLinesCome) {
  const test::Main main = log_main;
  test::RunningMain running(main, {"log", "-f", "-n1", "web"});
  ASSERT_TRUE(running.prints("web two\n"));
  std::ofstream(current("web"), std::ios::app) << line(1700000004, "web three");
  ASSERT_TRUE(running.prints("22:13:24.000000 web three\n"));
  std::filesystem::rename(current("web"), root_.path("web/log/main/@400000006553f11000000000.s"));
  write_file(current("web"), line(1700000005, "web four"));
  ASSERT_TRUE(running.prints("22:13:25.000000 web four\n"));
  running.kill(SIGKILL);
  const std::string out = running.end().out;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3) << out;
}

TEST_F(KindredLog, TroubleIsNamed) {
  Ran ran = log({"none"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred log: there is no service none\n");
  std::filesystem::create_directory(root_.path("mute"));
  ran = log({"mute", "web"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred log: no log of mute was found\n");
  EXPECT_NE(ran.out, "");
  EXPECT_TRUE(log({"--until", "soon", "web"})
                  .err.starts_with("kindred log: --until: soon is no time; kindred-log(1) has the forms\n"));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"--since", "soon", "web"}, {"--grep", "(", "web"}, {"-x", "web"}}) {
    EXPECT_EQ(log(words).code, 100);
    EXPECT_NE(log(words).err.find("\nusage: kindred log "), std::string::npos);
  }
}

TEST_F(KindredLog, ALogThatMayNotBeReadIsNotDenied) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  constexpr uid_t kOther = 65534;
  std::filesystem::permissions(root_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(root_.path("web/log/main"), std::filesystem::perms(0700));
  const test::Main as_other = [](int argc, char** argv) {
    return ::setgid(kOther) == 0 && ::setuid(kOther) == 0 ? log_main(argc, argv) : -1;
  };
  const Ran ran = test::run_main(as_other, {"log", "web"});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred log: unable to open " + root_.path("web/log/./main") + ": access denied\n");
}

}  // namespace
}  // namespace kindred
