#include "core/sys/held_file.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

bool is_free(const TestDirectory& dir, const std::string& name) {
  const UniqueFd fd(::open(dir.path(name).c_str(), O_WRONLY | O_CLOEXEC));
  return fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
}

bool has_reader(const TestDirectory& dir, const std::string& name) {
  const UniqueFd fd(::open(dir.path(name).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  return static_cast<bool>(fd);
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    (void)entry;
    ++count;
  }
  return count;
}

TEST(HeldLock, CostsNoDescriptorAndIsHeldUntilItsEnd) {
  TestDirectory dir;
  const std::size_t before = open_descriptors();
  std::vector<HeldLock> locks;
  for (int i = 0; i < 50; ++i) {
    const std::string name = "lock" + std::to_string(i);
    Result<HeldLock> lock = hold_lock(dir.fd(), name.c_str(), 0600, LockKind::Flock);
    ASSERT_TRUE(lock);
    locks.push_back(std::move(*lock));
    EXPECT_FALSE(is_free(dir, name));
  }
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(dir.look("lock7").st_mode & 07777U, 0600U);
  EXPECT_EQ(dir.look("lock7").st_size, 0);
  locks[7].release();
  EXPECT_TRUE(is_free(dir, "lock7"));
  EXPECT_FALSE(is_free(dir, "lock8"));
}

TEST(HeldLock, OfARecordIsHeldByAMappingToo) {
  TestDirectory dir;
  Result<HeldLock> lock = hold_lock(dir.fd(), "lock", 0600, LockKind::OfdRecord);
  ASSERT_TRUE(lock);
  const Result<HeldLock> second = hold_lock(dir.fd(), "lock", 0600, LockKind::OfdRecord);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EAGAIN);
  lock->release();
  EXPECT_TRUE(hold_lock(dir.fd(), "lock", 0600, LockKind::OfdRecord));
}

TEST(HeldLock, IsAFileOfItsOwn) {
  TestDirectory dir;
  const Result<HeldLock> a = hold_lock(dir.fd(), "a", 0600, LockKind::Flock);
  const Result<HeldLock> b = hold_lock(dir.fd(), "b", 0600, LockKind::Flock);
  ASSERT_TRUE(a && b);
  EXPECT_NE(dir.look("a").st_ino, dir.look("b").st_ino);
  EXPECT_EQ(dir.look("a").st_nlink, 1U);
}

TEST(HeldLock, KeepsModeAndFileOfOneThatExists) {
  TestDirectory dir;
  dir.write("given", "", 0640);
  const ino_t inode = dir.look("given").st_ino;
  const mode_t before = ::umask(0077);
  const Result<HeldLock> exact = hold_lock(dir.fd(), "exact", 0644, LockKind::Flock, true);
  const Result<HeldLock> masked = hold_lock(dir.fd(), "masked", 0644, LockKind::Flock);
  const Result<HeldLock> given = hold_lock(dir.fd(), "given", 0644, LockKind::Flock, true);
  ::umask(before);
  ASSERT_TRUE(exact && masked && given);
  EXPECT_EQ(dir.look("exact").st_mode & 07777U, 0644U);
  EXPECT_EQ(dir.look("masked").st_mode & 07777U, 0600U);
  EXPECT_EQ(dir.look("given").st_mode & 07777U, 0640U);
  EXPECT_EQ(dir.look("given").st_ino, inode);
}

TEST(HeldLock, RespectsOneThatSomebodyElseHolds) {
  TestDirectory dir;
  dir.write("lock", "");
  const UniqueFd other(::open(dir.path("lock").c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_EX | LOCK_NB), 0);
  const ino_t inode = dir.look("lock").st_ino;
  const Result<HeldLock> lock = hold_lock(dir.fd(), "lock", 0600, LockKind::Flock);
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, EAGAIN);
  EXPECT_EQ(dir.look("lock").st_ino, inode);
}

TEST(HeldLock, IsNoFifoAndNoLink) {
  TestDirectory dir;
  ASSERT_EQ(::mkfifo(dir.path("fifo").c_str(), 0600), 0);
  ASSERT_EQ(::symlink("elsewhere", dir.path("link").c_str()), 0);
  const Result<HeldLock> fifo = hold_lock(dir.fd(), "fifo", 0600, LockKind::Flock);
  const Result<HeldLock> link = hold_lock(dir.fd(), "link", 0600, LockKind::Flock);
  ASSERT_FALSE(fifo || link);
  EXPECT_EQ(fifo.error().code, ENXIO);
  EXPECT_EQ(link.error().code, ELOOP);
  EXPECT_FALSE(std::filesystem::exists(dir.path("elsewhere")));
}

TEST(HeldLock, TakesNamesThatAKindredOfOldLeftLinked) {
  TestDirectory dir;
  dir.write("a", "", 0640);
  std::filesystem::create_hard_link(dir.path("a"), dir.path("b"));
  const Result<HeldLock> a = hold_lock(dir.fd(), "a", 0600, LockKind::Flock);
  ASSERT_TRUE(a);
  EXPECT_TRUE(is_free(dir, "b")) << "holding one of its names must not hold the others";
  EXPECT_FALSE(is_free(dir, "a"));
  EXPECT_EQ(dir.look("a").st_mode & 07777U, 0640U);
}

TEST(HeldReader, IsOneFifosOwnAndLeavesItsModeAlone) {
  TestDirectory dir;
  ASSERT_EQ(::mkfifo(dir.path("ok").c_str(), 0600), 0);
  ::chmod(dir.path("ok").c_str(), 0622);
  const ino_t inode = dir.look("ok").st_ino;
  Result<UniqueFd> held = hold_reader(dir.fd(), "./ok", 0600);
  const Result<UniqueFd> other = hold_reader(dir.fd(), "./other", 0600);
  ASSERT_TRUE(held && other);
  EXPECT_TRUE(has_reader(dir, "ok"));
  EXPECT_EQ(dir.look("ok").st_ino, inode);
  EXPECT_EQ(dir.look("ok").st_mode & 07777U, 0622U);
  EXPECT_NE(dir.look("other").st_ino, inode);
  held->reset();
  EXPECT_FALSE(has_reader(dir, "ok"));
  EXPECT_TRUE(has_reader(dir, "other"));
  EXPECT_EQ(dir.look("ok").st_mode & 07777U, 0622U);
}

TEST(HeldReader, PartsFromNamesThatAKindredOfOldLinked) {
  TestDirectory dir;
  ASSERT_EQ(::mkfifo(dir.path("a").c_str(), 0600), 0);
  ::chmod(dir.path("a").c_str(), 0620);
  ASSERT_EQ(::link(dir.path("a").c_str(), dir.path("b").c_str()), 0);
  const Result<UniqueFd> a = hold_reader(dir.fd(), "a", 0600);
  ASSERT_TRUE(a);
  EXPECT_TRUE(has_reader(dir, "a"));
  EXPECT_FALSE(has_reader(dir, "b"));
  EXPECT_EQ(dir.look("a").st_mode & 07777U, 0620U);
}

TEST(HeldReader, FollowsNoLinkThatSomebodyElseMayHaveMade) {
  TestDirectory dir;
  ASSERT_EQ(::mkfifo(dir.path("another").c_str(), 0600), 0);
  ASSERT_EQ(::symlink("another", dir.path("ok").c_str()), 0);
  EXPECT_TRUE(hold_reader(dir.fd(), "ok", 0600));
  ASSERT_EQ(::fchmod(dir.fd(), 0770), 0);
  const Result<UniqueFd> held = hold_reader(dir.fd(), "ok", 0600);
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, ELOOP);
}

TEST(HeldReader, AnExactModeIsEveryFifosThatIsOurs) {
  const mode_t before = ::umask(022);
  TestDirectory dir;
  ASSERT_EQ(::mkfifoat(dir.fd(), "./there", 0644), 0);
  const ino_t made = dir.look("there").st_ino;
  const Result<UniqueFd> there = hold_reader(dir.fd(), "./there", 0666, true);
  const Result<UniqueFd> fresh = hold_reader(dir.fd(), "./fresh", 0666, true);
  ::umask(before);
  ASSERT_TRUE(there && fresh);
  // Who made it may be waiting for its reader.
  EXPECT_EQ(dir.look("there").st_ino, made);
  for (const char* name : {"there", "fresh"}) EXPECT_EQ(dir.look(name).st_mode & 07777U, 0666U) << name;
}

}  // namespace
}  // namespace kindred
