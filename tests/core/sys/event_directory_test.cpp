#include "core/sys/event_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using event_directory::IfThere;
using test::TestDirectory;

constexpr const char* kName = "event/ftrig1:@400000006000000000000000:abcdef";

class EventDirectoryTest : public ::testing::Test {
 protected:
  EventDirectoryTest() {
    (void)::signal(SIGPIPE, SIG_IGN);
    dir_.make_directory("event");
  }
  [[nodiscard]] UniqueFd listen(const char* name) const {
    EXPECT_EQ(::mkfifo(dir_.path(name).c_str(), 0600), 0);
    return UniqueFd(::open(dir_.path(name).c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  }
  [[nodiscard]] static std::string heard(const UniqueFd& fifo) {
    std::array<char, 64> buffer;
    const ssize_t size = ::read(fifo.get(), buffer.data(), buffer.size());
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
  }
  [[nodiscard]] int notify(std::string_view events) const {
    return event_directory::notify(dir_.fd(), "event", events);
  }
  [[nodiscard]] bool is_there(const char* name) const {
    struct stat st;
    return ::lstat(dir_.path(name).c_str(), &st) == 0;
  }
  TestDirectory dir_;
};

TEST_F(EventDirectoryTest, EveryListenerHearsTheWholeStringInOneWrite) {
  const UniqueFd one = listen(kName), two = listen("event/ftrig1:@400000006000000000000001:ghijkl");
  EXPECT_EQ(notify("OD"), 0);
  EXPECT_EQ(heard(one), "OD");
  EXPECT_EQ(heard(two), "OD");
}

TEST_F(EventDirectoryTest, OnlyAListenersNameIsOne) {
  for (const char* name :
       {"event/.ftrig1:@400000006000000000000000:abcdef", "event/ftrig1:@400000006000000000000000:abcdefg",
        "event/ftrig1:@400000006000000000000000:abcde", "event/ftrig2:@400000006000000000000000:abcdef"}) {
    const UniqueFd fifo = listen(name);
    EXPECT_EQ(notify("u"), 0);
    EXPECT_EQ(heard(fifo), "") << name;
    EXPECT_TRUE(is_there(name));
  }
}

TEST_F(EventDirectoryTest, AListenerThatLeftIsForgotten) {
  (void)listen(kName);
  EXPECT_EQ(notify("u"), 0);
  EXPECT_FALSE(is_there(kName));
}

TEST_F(EventDirectoryTest, AFullListenerLosesTheEventAndHoldsUpNobody) {
  const UniqueFd full = listen(kName), other = listen("event/ftrig1:@400000006000000000000001:ghijkl");
  const std::string page(4096, 'x');
  while (::write(full.get(), page.data(), page.size()) > 0) continue;
  EXPECT_EQ(notify("u"), 0);
  EXPECT_EQ(heard(other), "u");
  EXPECT_TRUE(is_there(kName));
}

TEST_F(EventDirectoryTest, NothingIsWrittenThroughALink) {
  dir_.write("victim", "precious");
  const UniqueFd fifo = listen("fifo");
  ASSERT_EQ(::symlink("../victim", dir_.path(kName).c_str()), 0);
  ASSERT_EQ(::symlink("../fifo", dir_.path("event/ftrig1:@400000006000000000000001:ghijkl").c_str()), 0);
  EXPECT_EQ(notify("u"), 0);
  EXPECT_EQ(dir_.read("victim"), "precious");
  EXPECT_EQ(heard(fifo), "");
  EXPECT_TRUE(is_there(kName));
}

TEST_F(EventDirectoryTest, AFileOfAnotherKindIsLeftAlone) {
  dir_.write(kName, "precious");
  EXPECT_EQ(notify("u"), 0);
  EXPECT_EQ(dir_.read(kName), "precious");
}

TEST_F(EventDirectoryTest, ControlFifosThatWereLinkedIntoItAreNotWrittenTo) {
  const UniqueFd control = listen("control");
  ASSERT_EQ(::link(dir_.path("control").c_str(), dir_.path(kName).c_str()), 0);
  EXPECT_EQ(notify("d"), 0);
  EXPECT_EQ(heard(control), "");
}

TEST_F(EventDirectoryTest, ADirectoryThatCannotBeReadIsAnError) {
  EXPECT_EQ(event_directory::notify(dir_.fd(), "none", "u"), ENOENT);
  dir_.write("file", "");
  EXPECT_EQ(event_directory::clean(dir_.fd(), "file"), ENOTDIR);
}

TEST_F(EventDirectoryTest, CleaningRemovesWhatNobodyReadsAndTellsNobodyAnything) {
  const UniqueFd living = listen(kName);
  (void)listen("event/ftrig1:@400000006000000000000001:ghijkl");
  EXPECT_EQ(event_directory::clean(dir_.fd(), "event"), 0);
  EXPECT_FALSE(is_there("event/ftrig1:@400000006000000000000001:ghijkl"));
  EXPECT_TRUE(is_there(kName));
  EXPECT_EQ(heard(living), "");
}

TEST_F(EventDirectoryTest, EveryListenerOfManyIsFound) {
  std::vector<UniqueFd> fifos;
  for (int i = 0; i < 200; ++i) {
    char name[64];
    std::snprintf(name, sizeof name, "event/ftrig1:@4000000060000000%08x:abcdef", static_cast<unsigned>(i));
    fifos.push_back(listen(name));
  }
  EXPECT_EQ(notify("u"), 0);
  for (const UniqueFd& fifo : fifos) EXPECT_EQ(heard(fifo), "u");
}

TEST_F(EventDirectoryTest, IsMadeForAGroupOrForEverybodyWhateverTheUmask) {
  const mode_t mask = ::umask(077);
  EXPECT_TRUE(event_directory::make(dir_.fd(), "group", {::getegid()}, IfThere::Leave));
  EXPECT_TRUE(event_directory::make(dir_.fd(), "public", {}, IfThere::Leave));
  ::umask(mask);
  EXPECT_EQ(dir_.look("group").st_mode & 07777U, 03730U);
  EXPECT_EQ(dir_.look("public").st_mode & 07777U, 01733U);
}

TEST_F(EventDirectoryTest, OneThatIsThereIsChangedOnlyWhereThatIsAskedFor) {
  EXPECT_TRUE(event_directory::make(dir_.fd(), "event", {}, IfThere::Leave));
  EXPECT_EQ(dir_.look("event").st_mode & 07777U, 0755U);
  EXPECT_TRUE(event_directory::make(dir_.fd(), "event", {}, IfThere::Adapt));
  EXPECT_EQ(dir_.look("event").st_mode & 07777U, 01733U);
  dir_.write("file", "");
  EXPECT_EQ(event_directory::make(dir_.fd(), "file", {}, IfThere::Leave).error().code, ENOTDIR);
}

TEST_F(EventDirectoryTest, ALinkIsAsGoodAsADirectoryTheSecondTimeToo) {
  ASSERT_EQ(::symlink("elsewhere", dir_.path("link").c_str()), 0);
  EXPECT_TRUE(event_directory::make(dir_.fd(), "link", {}, IfThere::Leave));
  EXPECT_EQ(dir_.look("elsewhere").st_mode & 07777U, 01733U);
  EXPECT_TRUE(event_directory::make(dir_.fd(), "link", {}, IfThere::Leave));
}

}  // namespace
}  // namespace kindred
