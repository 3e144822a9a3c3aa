#include "core/sys/record_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "core/sys/held_file.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

TEST(RecordLock, IsSeenWhileItIsHeld) {
  TestDirectory dir;
  dir.write("lock", "");
  EXPECT_FALSE(*is_locked(dir.fd(), "lock"));
  const UniqueFd holder(::open(dir.path("lock").c_str(), O_WRONLY | O_CLOEXEC));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  ASSERT_EQ(::fcntl(holder.get(), F_OFD_SETLK, &whole), 0);
  EXPECT_TRUE(*is_locked(dir.fd(), "lock"));
  whole.l_type = F_UNLCK;
  ASSERT_EQ(::fcntl(holder.get(), F_OFD_SETLK, &whole), 0);
  EXPECT_FALSE(*is_locked(dir.fd(), "lock"));
}

TEST(RecordLock, OfASharedInodeIsSeenThroughEveryName) {
  TestDirectory dir;
  const Result<HeldLock> one = hold_lock(dir.fd(), "one", 0644, LockKind::OfdRecord);
  const Result<HeldLock> two = hold_lock(dir.fd(), "two", 0644, LockKind::OfdRecord);
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(*is_locked(dir.fd(), "one"));
  EXPECT_TRUE(*is_locked(dir.fd(), "two"));
}

TEST(RecordLock, OnlyARegularFileHasOne) {
  TestDirectory dir;
  EXPECT_EQ(is_locked(dir.fd(), "none").error().code, ENOENT);
  ASSERT_EQ(::mkfifo(dir.path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(is_locked(dir.fd(), "fifo").error().code, EINVAL);
  ASSERT_EQ(::symlink("fifo", dir.path("link").c_str()), 0);
  EXPECT_EQ(is_locked(dir.fd(), "link").error().code, ELOOP);
}

// --- a lock that is a process's own ---

UniqueFd open_in(const TestDirectory& dir) {
  return UniqueFd(::open(dir.path("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

/// The exit code of a child that runs this.
template <class Body>
int in_child(const Body& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

TEST(RecordLock, NamesItsOwnerToOthers) {
  const TestDirectory dir;
  const UniqueFd file = open_in(dir);
  ASSERT_TRUE(take_record_lock(file.get(), "lock"));
  const pid_t owner = ::getpid();
  EXPECT_EQ(in_child([&] {
              const UniqueFd other = open_in(dir);
              const Result<pid_t> found = record_lock_owner(other.get(), "lock");
              return found && *found == owner ? 7 : 1;
            }),
            7);
}

TEST(RecordLock, IsRefusedToASecondProcess) {
  const TestDirectory dir;
  const UniqueFd file = open_in(dir);
  ASSERT_TRUE(take_record_lock(file.get(), "lock"));
  EXPECT_EQ(in_child([&] {
              const UniqueFd other = open_in(dir);
              const Status taken = take_record_lock(other.get(), "lock");
              return !taken && taken.error().code == EAGAIN && taken.error().operation == "lock" ? 7 : 1;
            }),
            7);
}

TEST(RecordLock, KnowsNothingOfOtherKinds) {
  const TestDirectory dir;
  const UniqueFd file = open_in(dir);
  EXPECT_EQ(*record_lock_owner(file.get(), "lock"), 0);
  ASSERT_EQ(::flock(file.get(), LOCK_EX), 0);
  EXPECT_EQ(in_child([&] {
              const UniqueFd other = open_in(dir);
              return *record_lock_owner(other.get(), "lock") == 0 ? 7 : 1;
            }),
            7);
}

}  // namespace
}  // namespace kindred
