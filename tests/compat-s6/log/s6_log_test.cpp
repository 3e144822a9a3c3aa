// s6-log as a process: what the original loses, and where it does not answer.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "compat-s6/log/programs.h"
#include "tests/core/temporary_directory.h"
#include "tests/core/wait_until.h"

namespace kindred::s6 {
namespace {

namespace fs = std::filesystem;

/// A logger in a directory of its own, with a pipe as its input that outlives it, as a supervisor's does.
class S6Log : public testing::Test {
 protected:
  S6Log() {
    EXPECT_EQ(::pipe2(pipe_, O_CLOEXEC), 0);
    ::fcntl(pipe_[1], F_SETFL, O_NONBLOCK);
  }
  ~S6Log() override {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    end_input();
    ::close(pipe_[0]);
  }

  void start(std::vector<std::string> words, rlim_t longest_file = RLIM_INFINITY) {
    words.insert(words.begin(), "s6-log");
    pid_ = ::fork();
    if (pid_ != 0) return;
    const rlimit limit{longest_file, RLIM_INFINITY};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(98);
    if (::chdir(directory_.path().c_str()) != 0) ::_exit(99);
    ::dup2(pipe_[0], 0);
    ::close(pipe_[0]);
    ::close(pipe_[1]);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::_exit(s6_log_main(static_cast<int>(words.size()), argv.data()));
  }
  int wait() {
    int status = 0;
    struct rusage usage {};
    ::wait4(std::exchange(pid_, 0), &status, 0, &usage);
    cpu_ms_ = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
              (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  void end_input() {
    if (pipe_[1] != -1) ::close(std::exchange(pipe_[1], -1));
  }
  void put(std::string_view text) {
    ASSERT_EQ(::write(pipe_[1], text.data(), text.size()), ssize_t(text.size()));
  }
  /// Numbered lines until the pipe is full and stays so; how many lines were taken.
  std::size_t put_until_full() {
    constexpr Duration kStaysFull = std::chrono::milliseconds(200);
    std::size_t lines = 0;
    while (true) {
      char line[101];
      std::snprintf(line, sizeof line, "%08zu%091d\n", lines, 0);
      if (::write(pipe_[1], line, 100) == 100)
        ++lines;
      else if (!test::wait_for_event(pipe_[1], POLLOUT, kStaysFull))
        return lines;
    }
  }
  /// Everything in the directory's files, the oldest first.
  std::string logged(const std::string& name = "log") const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(directory_.path(name)))
      if (entry.path().filename().string()[0] == '@') files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const char* last : {"previous", "current"})
      if (fs::exists(directory_.path(name + "/" + last)))
        files.emplace_back(directory_.path(name + "/" + last));
    std::ostringstream text;
    for (const fs::path& file : files) {
      // A rotation may take it away just now; and what is empty would leave the stream broken.
      std::ifstream stream(file);
      if (stream.peek() != std::ifstream::traits_type::eof()) text << stream.rdbuf();
    }
    return text.str();
  }
  std::size_t logged_bytes() const { return there("log") ? logged().size() : 0; }
  bool there(const std::string& name) const { return fs::exists(directory_.path(name)); }
  /// The next line number after those in the text; SIZE_MAX if one is missing, twice or torn.
  static std::size_t next_number(const std::string& text) {
    std::istringstream lines(text);
    std::size_t next = 0;
    for (std::string line; std::getline(lines, line); ++next)
      if (line.size() != 99 || std::stoul(line.substr(0, 8)) != next) return SIZE_MAX;
    return next;
  }

  test::TestDirectory directory_;
  int pipe_[2] = {-1, -1};
  pid_t pid_ = 0;
  long cpu_ms_ = 0;
};

TEST_F(S6Log, ALastLineWithoutANewlineIsLogged) {
  put("one\ntwo");
  end_input();
  start({"./log"});
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(logged(), "one\ntwo\n");
}

TEST_F(S6Log, PreviousAndAnUncleanCurrentAreTakenUpInOneStart) {
  directory_.make_directory("log");
  directory_.write("log/previous", "first\n");
  directory_.write("log/current", "second\n");
  put("third\n");
  end_input();
  start({"./log"});
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(logged(), "first\nsecond\nthird\n");
  EXPECT_FALSE(there("log/previous"));
}

TEST_F(S6Log, StartsAfterEveryKill) {
  std::size_t lines = 0;
  for (int life = 0; life < 30; ++life) {
    start({"s4096", "n10000", "?sed s/a/a/", "./log"});
    const std::size_t before = logged_bytes();
    for (int i = 0; i < 100; ++i, ++lines) {
      char line[101];
      std::snprintf(line, sizeof line, "%08zu%091d\n", lines, 0);
      if (::write(pipe_[1], line, 100) != 100) break;
    }
    ASSERT_TRUE(test::wait_until([&] { return logged_bytes() != before; }));
    ::kill(pid_, SIGKILL);
    ASSERT_EQ(wait(), -SIGKILL);
  }
  start({"./log"});
  end_input();
  EXPECT_EQ(wait(), 0);
  EXPECT_FALSE(there("log/previous"));
  EXPECT_FALSE(there("log/processed"));
}

TEST_F(S6Log, WhileAProcessorHangsNothingIsHoardedInMemory) {
  ASSERT_EQ(::mkfifo(directory_.path("go").c_str(), 0600), 0);
  start({"s4096", "n10000", "?read x < ../go; cat", "./log"});
  // Two files, a block, and what the pipe itself holds.
  const std::size_t lines = put_until_full();
  EXPECT_LT(lines * 100, 64 * 1024U + 64 * 1024U + 4 * 4096U);
  end_input();
  const int go = ::open(directory_.path("go").c_str(), O_RDWR | O_CLOEXEC);
  const std::string released(1000, '\n');
  ASSERT_EQ(::write(go, released.data(), released.size()), 1000);
  EXPECT_EQ(wait(), 0);
  ::close(go);
  EXPECT_LE(next_number(logged()), lines);
}

TEST_F(S6Log, ATermIsAnsweredWhileAProcessorFails) {
  start({"s4096", "r600000", "?false", "./log"});
  const std::size_t lines = put_until_full();
  ASSERT_GT(lines, 82U);
  ASSERT_TRUE(test::wait_until([&] { return there("log/previous"); }));
  ::kill(pid_, SIGTERM);
  EXPECT_EQ(wait(), 0);
  // What it did not read is there for the next one.
  start({"n10000", "./log"});
  end_input();
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(next_number(logged()), lines);
}

TEST_F(S6Log, ToldToEndTwiceWhileAProcessorTakesItsTimeItLosesNothing) {
  ASSERT_EQ(::mkfifo(directory_.path("go").c_str(), 0600), 0);
  start({"s4096", "n10000", "?read x < ../go; cat", "./log"});
  const std::size_t lines = put_until_full();
  ASSERT_TRUE(test::wait_until([&] { return there("log/previous"); }));
  ASSERT_TRUE(test::deliver(pid_, SIGTERM));
  ::kill(pid_, SIGTERM);
  EXPECT_EQ(wait(), 0);
  start({"n10000", "./log"});
  end_input();
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(next_number(logged()), lines);
  const int go = ::open(directory_.path("go").c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_EQ(::write(go, "\n", 1), 1);
  ::close(go);
}

TEST_F(S6Log, ToldToEndTwiceItLosesNothingForTheDirectoryThatIsWell) {
  constexpr std::size_t kLines = 25'000, kStamped = 28;
  directory_.make_directory("full");
  directory_.write("full/current", "");
  fs::resize_file(directory_.path("full/current"), 2'000'000);
  fs::permissions(directory_.path("full/current"), fs::perms(0744));
  std::string text;
  for (std::size_t i = 0; i < kLines; ++i) text += "x\n";
  put(text);
  // What comes of what is read at once is more than an outlet is kept waiting with.
  start({"-l", "0", "t", "n2", "s9000000", "./log", "t", "./full"}, 1'500'000);
  ASSERT_TRUE(test::wait_until([&] { return logged_bytes() > 0; }));
  const auto term_is_heard = [&] {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("ShdPnd:")) return std::stoull(line.substr(7), nullptr, 16) == 0;
    return true;
  };
  ::kill(pid_, SIGTERM);
  ASSERT_TRUE(test::wait_until(term_is_heard));
  ::kill(pid_, SIGTERM);
  EXPECT_EQ(wait(), 0);
  int unread = 0;
  ASSERT_EQ(::ioctl(pipe_[0], FIONREAD, &unread), 0);
  EXPECT_EQ(logged_bytes() / kStamped + static_cast<std::size_t>(unread) / 2, kLines);
}

TEST_F(S6Log, AtTheEndOfInputAFailingProcessorIsTriedAgainWithoutHaste) {
  put("one\n");
  start({"s4096", "r50", "?echo >> ../tries; false", "./log"});
  ASSERT_TRUE(test::wait_until([&] { return there("log/current") && logged() == "one\n"; }));
  ::kill(pid_, SIGALRM);
  ASSERT_TRUE(test::wait_until([&] { return there("tries"); }));
  end_input();
  ASSERT_TRUE(test::wait_until([&] { return fs::file_size(directory_.path("tries")) >= 10; }));
  ::kill(pid_, SIGTERM);
  EXPECT_EQ(wait(), 0);
  EXPECT_LT(cpu_ms_, 300);
  EXPECT_EQ(logged(), "one\n");
}

TEST_F(S6Log, AMissingStateIsMade) {
  directory_.make_directory("log");
  directory_.write("log/current", "one\n", 0744);
  start({"?cat; cat <&4 >&2; echo x >&5", "./log"});
  ASSERT_TRUE(test::wait_until([&] {
    return (fs::status(directory_.path("log/current")).permissions() & fs::perms::owner_exec) ==
           fs::perms::none;
  }));
  ::kill(pid_, SIGALRM);
  ASSERT_TRUE(test::wait_until(
      [&] { return there("log/state") && fs::file_size(directory_.path("log/state")) == 2; }));
  end_input();
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(logged(), "one\n");
}

TEST_F(S6Log, RotatesByTime) {
  start({"R1", "./log"});
  put("one\n");
  ASSERT_TRUE(test::wait_until([&] {
    if (!there("log")) return false;
    for (const auto& entry : fs::directory_iterator(directory_.path("log")))
      if (entry.path().extension() == ".s") return true;
    return false;
  }));
  end_input();
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(logged(), "one\n");
}

TEST_F(S6Log, TheTimeThatAProcessorTakesIsNotTakenFromTheRestOfALine) {
  ASSERT_EQ(::mkfifo(directory_.path("go").c_str(), 0600), 0);
  start({"-t", "1", "s4096", "n10000", "?read x < ../go; cat", "./log"});
  const std::size_t lines = put_until_full();
  ::kill(pid_, SIGTERM);
  // It does not end: what it has read waits for the processor, and the end of its last line is in the pipe.
  constexpr Duration kLongerThanItsPatience = std::chrono::milliseconds(50);
  EXPECT_FALSE(test::wait_for_event(pipe_[1], POLLOUT, kLongerThanItsPatience));
  const int go = ::open(directory_.path("go").c_str(), O_RDWR | O_CLOEXEC);
  const std::string released(1000, '\n');
  ASSERT_EQ(::write(go, released.data(), released.size()), 1000);
  EXPECT_EQ(wait(), 0);
  ::close(go);
  start({"n10000", "./log"});
  end_input();
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(next_number(logged()), lines);
}

TEST_F(S6Log, ToldToEndItWaitsForItsProcessorAsleep) {
  ASSERT_EQ(::mkfifo(directory_.path("go").c_str(), 0600), 0);
  start({"-t", "1", "s4096", "?read x < ../go; cat", "./log"});
  put(std::string(4000, 'x') + "\n");
  ASSERT_TRUE(test::wait_until([&] { return there("log/processed"); }));
  ASSERT_TRUE(test::deliver(pid_, SIGTERM));
  constexpr int kWait = 300;  // milliseconds
  ::poll(nullptr, 0, kWait);
  const int go = ::open(directory_.path("go").c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_EQ(::write(go, "\n", 1), 1);
  EXPECT_EQ(wait(), 0);
  ::close(go);
  EXPECT_LT(cpu_ms_, kWait / 2);
}

TEST_F(S6Log, ARotationThatIsDueWhileAProcessorTakesItsTimeIsWaitedForAsleep) {
  ASSERT_EQ(::mkfifo(directory_.path("go").c_str(), 0600), 0);
  start({"R1", "s4096", "?read x < ../go; cat", "./log"});
  const std::string line = std::string(4000, 'x') + "\n";
  put(line);
  ASSERT_TRUE(test::wait_until([&] { return there("log/processed"); }));
  put(line);
  constexpr int kDue = 1000, kWait = 300;  // milliseconds
  ::poll(nullptr, 0, kDue + kWait);
  const int go = ::open(directory_.path("go").c_str(), O_RDWR | O_CLOEXEC);
  const std::string released(100, '\n');
  ASSERT_EQ(::write(go, released.data(), released.size()), 100);
  end_input();
  EXPECT_EQ(wait(), 0);
  ::close(go);
  EXPECT_LT(cpu_ms_, kWait / 2);
  EXPECT_EQ(logged(), line + line);
}

TEST_F(S6Log, WaitsForTheRestOfALineOnlySoLong) {
  start({"-t", "1", "./log"});
  put("one\nwithout end");
  ASSERT_TRUE(test::wait_until([&] { return there("log/current") && logged() == "one\n"; }));
  ::kill(pid_, SIGTERM);
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(logged(), "one\nwithout end\n");
}

}  // namespace
}  // namespace kindred::s6
