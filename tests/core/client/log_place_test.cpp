#include "core/client/log_place.h"

#include <gtest/gtest.h>

#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::write_file;
using Words = std::vector<std::string>;

TEST(LogWords, ArePathsFromTheLoggersDirectory) {
  EXPECT_EQ(log_words(Words{"t", "n20", "./main", "/var/log/web", "-tt", "!gzip", "$DIR"}, "/sv/log"),
            (Words{"/sv/log/t", "/sv/log/n20", "/sv/log/./main", "/var/log/web"}));
  EXPECT_EQ(log_words(Words{"main", "/var/log/web"}, ""), (Words{"/var/log/web"}))
      << "its directory is not known";
}

TEST(WordsOfScript, AreThoseThatStandThere) {
  EXPECT_EQ(
      words_of_script(
          "#!/bin/sh\n# to './none'\nexec setuidgid log \\\n  multilog t './my logs' \"/var/x\"; true\n"),
      (Words{"exec", "setuidgid", "log", "\\", "multilog", "t", "./my logs", "/var/x", "true"}));
  EXPECT_EQ(words_of_script(""), Words{});
}

class LogPlaces : public ::testing::Test {
 protected:
  [[nodiscard]] std::string at(const std::string& name) const { return root_.path(name); }
  [[nodiscard]] Words places() const {
    Words found;
    for (const std::string& place : log_places(at("web"), {}))
      found.push_back(std::filesystem::path(place).lexically_normal().lexically_relative(root_.path()));
    return found;
  }
  test::TestDirectory root_;
};

TEST_F(LogPlaces, TheLogsScriptSaysWhere) {
  write_file(at("web/log/run"), "#!/bin/sh\nexec multilog t ./here '" + at("there") + "'\n");
  EXPECT_EQ(places(), Words{}) << "neither is a log directory yet";
  write_file(at("web/log/here/current"), "");
  write_file(at("there/current"), "");
  EXPECT_EQ(places(), (Words{"web/log/here", "there"}));
}

TEST_F(LogPlaces, AScriptThatSaysNothingLeavesTheUsualOnes) {
  write_file(at("web/log/run"), "#!/bin/sh\nexec logger \"$DIR\"\n");
  write_file(at("web/log/main/current"), "");
  EXPECT_EQ(places(), (Words{"web/log/main"}));
}

TEST_F(LogPlaces, OneFileIsALogWhereItIsToldLast) {
  write_file(at("web/log/run"), "#!/bin/sh\nexec dumblog -c main/log\n", 0755);
  write_file(at("web/log/main/log"), "");
  EXPECT_EQ(places(), (Words{"web/log/main/log"}));
}

TEST_F(LogPlaces, ARunningLoggerSaysItBest) {
  write_file(at("web/log/run"), "#!/bin/sh\nexec ./wrapper\n");
  write_file(at("web/log/elsewhere/current"), "");
  const std::string directory = at("web/log");
  const pid_t pid = fork();
  if (pid == 0) {
    if (chdir(directory.c_str()) != 0) _exit(1);
    execlp("sh", "sh", "-c", "kill -STOP $$", "logger", "elsewhere", nullptr);
    _exit(1);
  }
  ServiceSurvey survey;
  ProcessSurvey& log = survey.log.emplace();
  log.supervision = Supervision::Live;
  log.status.emplace().snapshot.main.pid = pid;
  Words found;
  EXPECT_TRUE(test::wait_until([&] { return !(found = log_places(at("web"), survey)).empty(); }));
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], at("web/log/elsewhere"));
}

}  // namespace
}  // namespace kindred
