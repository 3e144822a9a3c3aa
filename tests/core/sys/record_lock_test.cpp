#include "core/sys/record_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "core/sys/shared_inode.h"
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
  SharedInodes inodes;
  const Result<HeldFile> one = inodes.lock(dir.fd(), "one", 0644, LockKind::OfdRecord);
  const Result<HeldFile> two = inodes.lock(dir.fd(), "two", 0644, LockKind::OfdRecord);
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

}  // namespace
}  // namespace kindred
