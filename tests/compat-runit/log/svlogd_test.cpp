// svlogd: that none of the original's losses happens. Source: interfaces/runit.md sections 10 and 15.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>

#include "compat-runit/log/programs.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::runit {
namespace {

using test::Ran;
using test::RunningMain;
using test::wait_until;

constexpr RunningMain::Input kPipe = RunningMain::Input::Pipe;

class SvlogdTest : public ::testing::Test {
 protected:
  void make(const std::string& name, const std::string& config = {}) const {
    std::filesystem::create_directory(root_.path(name));
    if (!config.empty()) root_.write(name + "/config", config);
  }
  [[nodiscard]] std::vector<std::string> to(std::vector<std::string> names) const {
    std::vector<std::string> words{"svlogd"};
    for (const std::string& name : names) words.push_back(name.front() == '-' ? name : root_.path(name));
    return words;
  }
  [[nodiscard]] bool logged(const std::string& text, const std::string& file = "log/current") const {
    return wait_until([&] { return root_.read(file) == text; });
  }
  /// The old files with this last byte, in order.
  [[nodiscard]] std::vector<std::string> old_files(char last) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(root_.path("log"))) {
      const std::string name = entry.path().filename();
      if (name.front() == '@' && name.back() == last) names.push_back("log/" + name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  test::TestDirectory root_;
};

TEST_F(SvlogdTest, AnUnterminatedLineAtTheEndIsWritten) {
  make("log");
  RunningMain svlogd(svlogd_main, to({"log"}), kPipe);
  svlogd.write("one\ntwo");
  svlogd.end_input();
  EXPECT_EQ(svlogd.end().code, 0);
  EXPECT_EQ(root_.read("log/current"), "one\ntwo\n");
}

TEST_F(SvlogdTest, TermWithinALineWaitsForItsEndAndLosesNothing) {
  make("log");
  RunningMain svlogd(svlogd_main, to({"-v", "log"}), kPipe);
  svlogd.write("one\ntw");
  ASSERT_TRUE(logged("one\n"));
  svlogd.kill(SIGTERM);
  ASSERT_TRUE(svlogd.complains("sigterm received."));
  svlogd.write("o\nthree\n");
  EXPECT_EQ(svlogd.end().code, 0);
  EXPECT_EQ(root_.read("log/current"), "one\ntwo\n");
  EXPECT_EQ(svlogd.unread(), "three\n");
}

TEST_F(SvlogdTest, AProcessorKilledByASignalIsRunAgain) {
  make("log", "!test -e ok || { : >ok; kill -9 $$; }; cat\n");
  RunningMain svlogd(svlogd_main, to({"log"}), kPipe);
  svlogd.write("one\n");
  ASSERT_TRUE(logged("one\n"));
  svlogd.kill(SIGALRM);
  ASSERT_TRUE(wait_until([&] { return old_files('s').size() == 1 && old_files('u').empty(); }));
  EXPECT_EQ(root_.read(old_files('s')[0]), "one\n");
  svlogd.end_input();
  EXPECT_EQ(svlogd.end().code, 0);
}

TEST_F(SvlogdTest, TermIsAnsweredWhileAProcessorFailsAndItsDataIsKept) {
  make("log", "!exit 1\n");
  RunningMain svlogd(svlogd_main, to({"log"}), kPipe);
  svlogd.write("one\n");
  ASSERT_TRUE(logged("one\n"));
  svlogd.kill(SIGALRM);
  ASSERT_TRUE(svlogd.complains("processor failed, restart: "));
  svlogd.kill(SIGTERM);
  EXPECT_EQ(svlogd.end().code, 0);
  ASSERT_EQ(old_files('u').size(), 1U);
  EXPECT_EQ(root_.read(old_files('u')[0]), "one\n");
}

TEST_F(SvlogdTest, HangupWhileAProcessorRunsStopsNothing) {
  make("log", "!until test -e ../go; do sleep 0.01; done; cat\n");
  RunningMain svlogd(svlogd_main, to({"-v", "log"}), kPipe);
  svlogd.write("one\n");
  ASSERT_TRUE(logged("one\n"));
  svlogd.kill(SIGALRM);
  ASSERT_TRUE(wait_until([&] { return old_files('t').size() == 1; }));
  root_.write("log/config", "pnew: \n");
  svlogd.kill(SIGHUP);
  ASSERT_TRUE(svlogd.complains("sighangup received."));
  svlogd.write("two\n");
  EXPECT_TRUE(logged("new: two\n"));
  root_.write("go", "");
  EXPECT_TRUE(wait_until([&] { return old_files('s').size() == 1 && old_files('u').empty(); }));
  EXPECT_EQ(root_.read(old_files('s')[0]), "one\n");
  svlogd.end_input();
  EXPECT_EQ(svlogd.end().code, 0);
}

TEST_F(SvlogdTest, ADirectoryThatWasMovedKeepsItsProcessor) {
  make("log", "!until test -e ../go; do sleep 0.01; done; cat\n");
  make("other");
  RunningMain svlogd(svlogd_main, to({"log", "other"}), kPipe);
  svlogd.write("one\n");
  ASSERT_TRUE(logged("one\n"));
  svlogd.kill(SIGALRM);
  ASSERT_TRUE(wait_until([&] { return old_files('t').size() == 1; }));
  std::filesystem::rename(root_.path("log"), root_.path("moved"));
  svlogd.kill(SIGHUP);
  ASSERT_TRUE(svlogd.complains("unable to open log directory: "));
  svlogd.write("two\n");
  EXPECT_TRUE(logged("two\n", "other/current"));
  root_.write("go", "");
  svlogd.end_input();
  EXPECT_EQ(svlogd.end().code, 0);
  std::filesystem::rename(root_.path("moved"), root_.path("log"));
  ASSERT_EQ(old_files('s').size(), 1U);
  EXPECT_EQ(root_.read(old_files('s')[0]), "one\n");
}

TEST_F(SvlogdTest, ALineThatCannotBeSentIsWritten) {
  make("log", "Uxx\n");
  RunningMain svlogd(svlogd_main, to({"log"}), kPipe);
  svlogd.write("one\n");
  svlogd.end_input();
  EXPECT_NE(svlogd.end().err.find("svlogd: warning: unable to scan ip address: xx\n"), std::string::npos);
  EXPECT_EQ(root_.read("log/current"), "one\n");
}

TEST_F(SvlogdTest, LinesAreSentWithStampAndPrefix) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  make("log", "U127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "\npweb: \n-no*\n");
  RunningMain svlogd(svlogd_main, to({"-l5", "log"}), kPipe);
  svlogd.write("no\none\nabcde\n");
  svlogd.end_input();
  EXPECT_EQ(svlogd.end().code, 0);
  std::array<char, 100> text;
  EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(::recv(socket.get(), text.data(), 100, 0))),
            "web: one\n");
  EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(::recv(socket.get(), text.data(), 100, 0))),
            "web: abcde...\n");
  EXPECT_EQ(root_.read("log/current"), "");
}

TEST_F(SvlogdTest, ADirectoryOfNoNameIsNone) {
  RunningMain svlogd(svlogd_main, {"svlogd", ""}, kPipe);
  const Ran ran = svlogd.end();
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err,
            "svlogd: warning: unable to open log directory: : file does not exist\n"
            "svlogd: fatal: no functional log directories.\n");
}

TEST_F(SvlogdTest, AnEmptyLineMatchesNoPlus) {
  make("log", "-*\n+a\n++a\n");
  RunningMain svlogd(svlogd_main, to({"log"}), kPipe);
  svlogd.write("a\n\naa\nb\n");
  svlogd.end_input();
  EXPECT_EQ(svlogd.end().code, 0);
  EXPECT_EQ(root_.read("log/current"), "a\naa\n");
}

}  // namespace
}  // namespace kindred::runit
