#include "core/sys/fd_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "core/sys/memory.h"
#include "core/sys/socket.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

/// In a child: what is taken up is all that a process has open.
template <class Act>
bool in_a_process(const Act& act) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(act() ? 0 : 1);
  int status = 0;
  return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(FdStore, HasNothingWhereNothingWasTakenUp) {
  const TestDirectory directory;
  ASSERT_EQ(::mkfifoat(directory.fd(), "fifo", 0600), 0);
  FdStore store;
  EXPECT_FALSE(store.resumes());
  EXPECT_FALSE(store.take_fifo(directory.fd(), "fifo", FdStore::For::Both));
}

TEST(FdStore, FindsAFifoByItsNameAndDirection) {
  const TestDirectory directory;
  ASSERT_EQ(::mkfifoat(directory.fd(), "one", 0600), 0);
  ASSERT_EQ(::mkfifoat(directory.fd(), "two", 0600), 0);
  EXPECT_TRUE(in_a_process([&] {
    const int both = ::openat(directory.fd(), "one", O_RDWR | O_CLOEXEC);
    const int reading = ::openat(directory.fd(), "one", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    (void)!::write(both, "x", 1);
    FdStore store;
    const std::array others{directory.fd()};
    store.take_up(others);
    if (store.take_fifo(directory.fd(), "two", FdStore::For::Both)) return false;
    const UniqueFd first = store.take_fifo(directory.fd(), "one", FdStore::For::Reading);
    const UniqueFd second = store.take_fifo(directory.fd(), "one", FdStore::For::Both);
    char byte = 0;
    return first.get() == reading && second.get() == both && ::read(second.get(), &byte, 1) == 1 &&
           byte == 'x' && !store.take_fifo(directory.fd(), "one", FdStore::For::Both);
  }));
}

TEST(FdStore, FindsWhatItWasGiven) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  struct stat st;
  ASSERT_EQ(::fstat(ends[0], &st), 0);
  FdStore store;
  store.add(UniqueFd(ends[1]));
  EXPECT_FALSE(store.holds_any()) << "nobody asks for a writing end";
  store.add(UniqueFd(ends[0]));
  EXPECT_TRUE(store.holds_any());
  EXPECT_FALSE(store.resumes());
  EXPECT_FALSE(store.take_pipe(static_cast<std::uint32_t>(st.st_ino), FdStore::For::Both));
  const UniqueFd taken = store.take_pipe(static_cast<std::uint32_t>(st.st_ino), FdStore::For::Reading);
  EXPECT_EQ(taken.get(), ends[0]);
}

TEST(FdStore, FindsAPipeByItsNumber) {
  EXPECT_TRUE(in_a_process([&] {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    struct stat st;
    ::fstat(ends[0], &st);
    FdStore store;
    store.take_up({});
    const auto number = static_cast<std::uint32_t>(st.st_ino);
    const UniqueFd found = store.take_pipe(number, FdStore::For::Reading);
    return found.get() == ends[0] && !store.take_pipe(number, FdStore::For::Reading) &&
           !store.take_pipe(0, FdStore::For::Reading);
  }));
}

TEST(FdStore, ClosesWhatIsNothingOfThatKindAndLeavesOthersAlone) {
  EXPECT_TRUE(in_a_process([&] {
    const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC),
              kept = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    FdStore store;
    const std::array others{kept};
    store.take_up(others);
    return store.resumes() && ::fcntl(file, F_GETFD) < 0 && ::fcntl(kept, F_GETFD) >= 0;
  }));
}

TEST(FdStore, KeepsMemoryAndNoFileThatOnlyLiesInMemory) {
  EXPECT_TRUE(in_a_process([&] {
    const int file = ::open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    const int memory = make_memory("table").release();
    FdStore store;
    store.take_up({});
    const std::vector<UniqueFd> taken = store.take_memory("");
    return file >= 0 && ::fcntl(file, F_GETFD) < 0 && taken.size() == 1 && taken.front().get() == memory;
  }));
}

TEST(FdStore, TellsWhichFifosHoldSomething) {
  const TestDirectory directory;
  ASSERT_EQ(::mkfifoat(directory.fd(), "one", 0600), 0);
  ASSERT_EQ(::mkfifoat(directory.fd(), "two", 0600), 0);
  EXPECT_TRUE(in_a_process([&] {
    const int one = ::openat(directory.fd(), "one", O_RDWR | O_CLOEXEC);
    const int two = ::openat(directory.fd(), "two", O_RDWR | O_CLOEXEC);
    int ends[2];
    struct stat st;
    // What is in a pipe is nobody's command.
    if (one < 0 || two < 0 || ::pipe2(ends, O_CLOEXEC) != 0 || ::write(ends[1], "x", 1) != 1 ||
        ::write(two, "u", 1) != 1 || ::fstat(two, &st) != 0)
      return false;
    FdStore store;
    const std::array others{directory.fd()};
    store.take_up(others);
    const std::vector<FdStore::Number> unread = store.unread_fifos();
    const bool told = unread.size() == 1 && unread.front() == FdStore::Number{st.st_dev, st.st_ino};
    const UniqueFd taken = store.take_fifo(directory.fd(), "two", FdStore::For::Both);
    return told && taken && store.unread_fifos().empty();
  }));
}

TEST(FdStore, FindsMemoryByHowItBegins) {
  EXPECT_TRUE(in_a_process([&] {
    const int table = make_memory("table").release(), ledger = make_memory("ledger").release();
    (void)make_memory("empty").release();
    if (::write(table, "table 1", 7) != 7 || ::write(ledger, "ledger 1", 8) != 8) return false;
    FdStore store;
    store.take_up({});
    const std::vector<UniqueFd> none = store.take_memory("ledger 2"), tables = store.take_memory("table "),
                                ledgers = store.take_memory("ledger ");
    return none.empty() && tables.size() == 1 && tables.front().get() == table && ledgers.size() == 1 &&
           ledgers.front().get() == ledger && store.take_memory("").size() == 1;
  }));
}

TEST(FdStore, FindsDirectoriesByWhatTheyAre) {
  const TestDirectory directory;
  struct stat st;
  ASSERT_EQ(::fstat(directory.fd(), &st), 0);
  EXPECT_TRUE(in_a_process([&] {
    const int again = ::openat(directory.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    FdStore store;
    store.take_up({});
    const FdStore::Number number{st.st_dev, st.st_ino}, other{st.st_dev, st.st_ino + 1};
    const int found = store.find_directory(number);
    const UniqueFd first = store.take_directory(number), second = store.take_directory(number);
    return found >= 0 && first.get() + second.get() == directory.fd() + again && first && second &&
           !store.take_directory(number) && store.find_directory(number) < 0 && !store.take_directory(other);
  }));
  EXPECT_TRUE(in_a_process([&] {
    FdStore store;
    store.take_up({});
    store.close_rest();
    return ::fcntl(directory.fd(), F_GETFD) < 0;
  }));
}

TEST(FdStore, FindsSocketsByTheDirectoryThroughWhichTheyWereBound) {
  const TestDirectory one, two;
  using Socket = FdStore::Socket;
  EXPECT_TRUE(in_a_process([&] {
    const int listener = listen_stream_at(one.fd(), "door", 5)->release();
    (void)listen_stream_at(two.fd(), "door", 5)->release();
    const int datagrams = bind_datagrams_at(one.fd(), "datagrams")->release();
    const int client = connect_stream(one.fd(), "door")->release();
    const int connection = accept_stream(listener)->release();
    const int again = ::openat(one.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int core = 0; core < 2; ++core) {
      FdStore store;
      const std::array others{again, client};
      store.take_up(others);
      if (store.take_socket(again, "other", Socket::Listener)) return false;
      UniqueFd found[] = {store.take_socket(again, "door", Socket::Listener),
                          store.take_socket(again, "door", Socket::Connection),
                          store.take_socket(again, "datagrams", Socket::Datagrams)};
      if (found[0].get() != listener || found[1].get() != connection || found[2].get() != datagrams ||
          store.take_socket(again, "door", Socket::Connection))
        return false;
      store.close_rest();
      // What they are known by stays, and what nobody asked for does not.
      if (::fcntl(one.fd(), F_GETFD) < 0 || ::fcntl(two.fd(), F_GETFD) >= 0) return false;
      for (UniqueFd& each : found) (void)each.release();
    }
    return true;
  }));
}

TEST(FdStore, ClosesAFifoThatHasNoNameAnyMore) {
  const TestDirectory directory;
  ASSERT_EQ(::mkfifoat(directory.fd(), "fifo", 0600), 0);
  EXPECT_TRUE(in_a_process([&] {
    const int fifo = ::openat(directory.fd(), "fifo", O_RDWR | O_CLOEXEC);
    ::unlinkat(directory.fd(), "fifo", 0);
    FdStore store;
    const std::array others{directory.fd()};
    store.take_up(others);
    return fifo >= 0 && ::fcntl(fifo, F_GETFD) < 0;
  }));
}

TEST(FdStore, ClosesWhatNobodyHasAskedFor) {
  EXPECT_TRUE(in_a_process([&] {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    FdStore store;
    store.take_up({});
    store.close_rest();
    return !store.resumes() && ::fcntl(ends[0], F_GETFD) < 0;
  }));
}

}  // namespace
}  // namespace kindred
