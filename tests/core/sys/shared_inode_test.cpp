#include "core/sys/shared_inode.h"

#include <sys/file.h>

#include <cstdio>

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

TEST(SharedInodes, HoldAnyNumberOfLocksWithOneDescriptor) {
  TestDirectory dir;
  SharedInodes inodes;
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 50; ++i) {
    const std::string name = "lock" + std::to_string(i);
    ASSERT_TRUE(inodes.lock(dir.fd(), name.c_str(), 0600, LockKind::Flock));
    EXPECT_FALSE(is_free(dir, name));
  }
  EXPECT_EQ(open_descriptors(), before + 1);
  EXPECT_EQ(dir.look("lock7").st_mode & 07777U, 0600U);
  EXPECT_EQ(dir.look("lock7").st_size, 0);
}

TEST(SharedInodes, FreeOneNameWhileTheOthersStayHeld) {
  TestDirectory dir;
  SharedInodes inodes;
  Result<HeldFile> a = inodes.lock(dir.fd(), "a", 0600, LockKind::Flock);
  Result<HeldFile> b = inodes.lock(dir.fd(), "b", 0600, LockKind::Flock);
  ASSERT_TRUE(a && b);
  inodes.release(dir.fd(), "a", 0600, std::move(*a), false);
  EXPECT_TRUE(is_free(dir, "a"));
  EXPECT_FALSE(is_free(dir, "b"));
  EXPECT_EQ(dir.look("a").st_mode & 07777U, 0600U);
}

TEST(SharedInodes, GiveALockItsExactModeWhateverTheUmaskAndLeaveItWhereItIsFreed) {
  TestDirectory dir;
  dir.write("given", "", 0640);
  SharedInodes inodes;
  const mode_t before = ::umask(0077);
  Result<HeldFile> exact = inodes.lock(dir.fd(), "exact", 0644, LockKind::Flock, true);
  const Result<HeldFile> masked = SharedInodes().lock(dir.fd(), "masked", 0644, LockKind::Flock);
  const Result<HeldFile> given = SharedInodes().lock(dir.fd(), "given", 0644, LockKind::Flock, true);
  const bool all = exact && masked && given;
  const mode_t held = dir.look("exact").st_mode & 07777;
  if (all) inodes.release(dir.fd(), "exact", 0644, std::move(*exact), false);
  ::umask(before);
  ASSERT_TRUE(all);
  EXPECT_EQ(held, 0644U);
  EXPECT_EQ(dir.look("exact").st_mode & 07777U, 0644U);
  EXPECT_EQ(dir.look("masked").st_mode & 07777U, 0600U);
  EXPECT_EQ(dir.look("given").st_mode & 07777U, 0640U);
}

TEST(SharedInodes, RespectALockThatSomebodyElseHolds) {
  TestDirectory dir;
  dir.write("lock", "");
  const UniqueFd other(::open(dir.path("lock").c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_EX | LOCK_NB), 0);
  const ino_t inode = dir.look("lock").st_ino;
  SharedInodes inodes;
  ASSERT_TRUE(inodes.lock(dir.fd(), "ours", 0600, LockKind::Flock));
  const Result<HeldFile> lock = inodes.lock(dir.fd(), "lock", 0600, LockKind::Flock);
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, EAGAIN);
  EXPECT_EQ(dir.look("lock").st_ino, inode);
}

TEST(SharedInodes, TakeNamesThatADeadSupervisorLeftLinked) {
  TestDirectory dir;
  {
    SharedInodes dead;
    for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(dead.lock(dir.fd(), name, 0600, LockKind::Flock));
  }
  SharedInodes one, other;
  ASSERT_TRUE(one.lock(dir.fd(), "a", 0600, LockKind::Flock));
  EXPECT_TRUE(is_free(dir, "b")) << "holding one of its names must not hold the others";
  ASSERT_TRUE(other.lock(dir.fd(), "b", 0600, LockKind::Flock));
  ASSERT_TRUE(one.lock(dir.fd(), "c", 0600, LockKind::Flock));
  EXPECT_FALSE(other.lock(dir.fd(), "c", 0600, LockKind::Flock));
}

TEST(SharedInodes, GiveEveryFifoAReaderWithOneDescriptor) {
  TestDirectory dir;
  SharedInodes inodes;
  const std::size_t before = open_descriptors();
  Result<HeldFile> first = inodes.listen(dir.fd(), "./ok0", 0600);
  ASSERT_TRUE(first);
  for (int i = 1; i < 20; ++i)
    ASSERT_TRUE(inodes.listen(dir.fd(), ("./ok" + std::to_string(i)).c_str(), 0600));
  EXPECT_EQ(open_descriptors(), before + 1);
  inodes.release(dir.fd(), "./ok0", 0600, std::move(*first), true);
  EXPECT_FALSE(has_reader(dir, "ok0"));
  EXPECT_TRUE(has_reader(dir, "ok19"));
}

TEST(SharedInodes, LeaveAFifoWithAModeOfItsOwnAlone) {
  TestDirectory dir;
  ASSERT_EQ(::mkfifo(dir.path("ok").c_str(), 0600), 0);
  ::chmod(dir.path("ok").c_str(), 0622);
  const ino_t inode = dir.look("ok").st_ino;
  SharedInodes inodes;
  ASSERT_TRUE(inodes.listen(dir.fd(), "./other", 0600));
  const Result<HeldFile> held = inodes.listen(dir.fd(), "./ok", 0600);
  ASSERT_TRUE(held);
  EXPECT_TRUE(has_reader(dir, "ok"));
  EXPECT_EQ(dir.look("ok").st_ino, inode);
  EXPECT_EQ(dir.look("ok").st_mode & 07777U, 0622U);
}

TEST(SharedInodes, AnExactModeIsEveryFifosThatIsOurs) {
  const mode_t before = ::umask(022);
  TestDirectory dir;
  SharedInodes inodes;
  auto mode_of = [&](const char* name) {
    struct stat st;
    return ::fstatat(dir.fd(), name, &st, 0) == 0 ? st.st_mode & 07777U : 0U;
  };
  ASSERT_EQ(::mkfifoat(dir.fd(), "./there", 0644), 0);
  const Result<HeldFile> there = inodes.listen(dir.fd(), "./there", 0666, true);
  const Result<HeldFile> fresh = inodes.listen(dir.fd(), "./fresh", 0666, true);
  ASSERT_EQ(::mkfifoat(dir.fd(), "./later", 0600), 0);
  const ino_t made = dir.look("later").st_ino;
  const Result<HeldFile> later = inodes.listen(dir.fd(), "./later", 0666, true);
  ::umask(before);
  ASSERT_TRUE(there && fresh && later);
  EXPECT_TRUE(fresh->shared && !there->shared && !later->shared);
  // Who made it may be waiting for its reader.
  EXPECT_EQ(dir.look("later").st_ino, made);
  for (const char* name : {"./there", "./fresh", "./later"}) EXPECT_EQ(mode_of(name), 0666U) << name;
}

}  // namespace
}  // namespace kindred
