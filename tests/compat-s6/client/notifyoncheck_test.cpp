// What interfaces/s6.md section 10.10 says of s6-notifyoncheck.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>

#include "compat-s6/programs.h"
#include "core/sys/event_directory.h"
#include "core/sys/held_file.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/temporary_directory.h"

namespace kindred::s6 {
namespace {

using test::Ran;

/// The test supervises: it holds the lock, and the program to be run is `true` in the service's directory.
class NotifyOnCheckTest : public ::testing::Test {
 protected:
  NotifyOnCheckTest() {
    for (const char* name : {"supervise", "event", "data"}) dir_.make_directory(name);
    lock_ = std::move(*hold_lock(dir_.fd(), "supervise/lock", 0600, LockKind::OfdRecord));
    EXPECT_EQ(::mkfifo(dir_.path("told").c_str(), 0600), 0);
    told_ = UniqueFd(::open(dir_.path("told").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  }
  /// Runs it as a run script would, with descriptor 5 for the notification.
  [[nodiscard]] Ran run(std::vector<std::string> options) const {
    std::vector<std::string> words{"s6-notifyoncheck", "-3", "5"};
    words.insert(words.end(), options.begin(), options.end());
    for (const char* word : {"sh", "-c", "wait; exec true"}) words.emplace_back(word);
    const std::string path = dir_.path();
    return test::run_main(
        [path](int argc, char** argv) {
          if (::chdir(path.c_str()) != 0) return 98;
          // The poller outlives the program; the test is not to wait for the end of its output.
          const int null = ::open("/dev/null", O_WRONLY);
          if (::dup2(null, 1) < 0 || ::dup2(null, 2) < 0) return 96;
          const int fd = ::open("told", O_WRONLY | O_NONBLOCK);
          if (fd < 0 || ::dup2(fd, 5) < 0) return 97;
          if (fd != 5) ::close(fd);
          return notifyoncheck_main(argc, argv);
        },
        words);
  }
  /// Whether the service was said to be ready, which is waited for as long as `milliseconds`.
  [[nodiscard]] bool ready(int milliseconds) const {
    pollfd told{.fd = told_.get(), .events = POLLIN, .revents = 0};
    char byte = 0;
    return ::poll(&told, 1, milliseconds) == 1 && ::read(told_.get(), &byte, 1) == 1 && byte == '\n';
  }
  [[nodiscard]] bool someone_listens() const { return !std::filesystem::is_empty(dir_.path("event")); }

  test::TestDirectory dir_;
  HeldLock lock_;
  UniqueFd told_;
};

TEST_F(NotifyOnCheckTest, SaysReadyWhenTheCheckPasses) {
  // It fails the first time.
  dir_.write_script("data/check", "test -e seen || { >seen; exit 1; }");
  EXPECT_EQ(run({"-s", "0", "-w", "1"}).code, 0);
  EXPECT_TRUE(ready(30'000));
}

TEST_F(NotifyOnCheckTest, GivesUpAfterSoManyTriesAndLeavesNothingBehind) {
  dir_.write_script("data/check", "echo >>seen; exit 1");
  EXPECT_EQ(run({"-s", "0", "-w", "1", "-n", "3"}).code, 0);
  for (int i = 0; i < 3000 && someone_listens(); ++i) ::poll(nullptr, 0, 10);
  EXPECT_FALSE(someone_listens());
  EXPECT_FALSE(ready(0));
  EXPECT_EQ(dir_.read("seen"), "\n\n\n");
}

TEST_F(NotifyOnCheckTest, AServiceThatDiesIsCheckedNoMore) {
  dir_.write_script("data/check", "exit 1");
  EXPECT_EQ(run({"-d", "-s", "0", "-w", "60000", "-n", "0"}).code, 0);
  (void)::signal(SIGPIPE, SIG_IGN);
  EXPECT_TRUE(someone_listens());
  EXPECT_EQ(event_directory::notify(dir_.fd(), "event", "d"), 0);
  for (int i = 0; i < 3000 && someone_listens(); ++i) ::poll(nullptr, 0, 10);
  EXPECT_FALSE(someone_listens());
  EXPECT_FALSE(ready(0));
}

TEST_F(NotifyOnCheckTest, ACheckThatTakesTooLongIsEnded) {
  dir_.write_script("data/check", "test -e seen && exit 0; >seen; exec sleep 1000");
  EXPECT_EQ(run({"-s", "0", "-w", "1", "-t", "200"}).code, 0);
  EXPECT_TRUE(ready(30'000));
}

TEST_F(NotifyOnCheckTest, NeedsASupervisorAndADescriptor) {
  std::filesystem::remove(dir_.path("supervise/lock"));
  EXPECT_EQ(run({}).code, 100);
  EXPECT_EQ(run({"-n", "x"}).code, 100);
}

}  // namespace
}  // namespace kindred::s6
