#include "core/sys/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "tests/core/refused_call.h"
#include "tests/core/temporary_directory.h"

namespace kindred {
namespace {

using test::TestDirectory;

ByteView bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(CreateFile, WritesAFileThatIsNotThereAndNoOther) {
  TestDirectory dir;
  EXPECT_EQ(create_file(dir.fd(), "status", bytes("new"), 0600), 0);
  EXPECT_EQ(dir.read("status"), "new");
  EXPECT_EQ(dir.look("status").st_mode & 0777, 0600U);
  EXPECT_EQ(create_file(dir.fd(), "status", bytes("newer"), 0600), EEXIST);
  EXPECT_EQ(dir.read("status"), "new");
}

TEST(CreateFile, DoesNotWriteThroughALinkThatLeadsNowhere) {
  TestDirectory dir;
  ASSERT_EQ(::symlink("elsewhere", dir.path("status").c_str()), 0);
  EXPECT_EQ(create_file(dir.fd(), "status", bytes("new"), 0644), EEXIST);
  EXPECT_FALSE(dir.exists("elsewhere"));
}

TEST(OpenNoPlantedLink, FollowsOneThatOnlyItsUserCanHaveMade) {
  TestDirectory dir;
  ASSERT_EQ(::mkdirat(dir.fd(), "own", 0755), 0);
  ASSERT_EQ(::symlinkat("../elsewhere", dir.fd(), "own/down"), 0);
  EXPECT_TRUE(open_no_planted_link(dir.fd(), "own/down", O_WRONLY | O_CREAT, 0644));
  EXPECT_TRUE(dir.exists("elsewhere"));
}

TEST(OpenNoPlantedLink, RefusesOneWhereOthersMayWriteAndNeverWaits) {
  TestDirectory dir;
  ASSERT_EQ(::mkdirat(dir.fd(), "shared", 0755), 0);
  ASSERT_EQ(::fchmodat(dir.fd(), "shared", 0775, 0), 0);
  ASSERT_EQ(::symlinkat("../elsewhere", dir.fd(), "shared/down"), 0);
  EXPECT_FALSE(open_no_planted_link(dir.fd(), "shared/down", O_WRONLY | O_CREAT, 0644));
  EXPECT_EQ(errno, ELOOP);
  EXPECT_FALSE(dir.exists("elsewhere"));
  ASSERT_EQ(::mkfifoat(dir.fd(), "fifo", 0600), 0);
  EXPECT_FALSE(open_no_planted_link(dir.fd(), "fifo", O_WRONLY | O_CREAT, 0644));
  EXPECT_EQ(errno, ENXIO);
}

TEST(OpenNoPlantedLink, RefusesALinkOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make another's link";
  TestDirectory dir;
  ASSERT_EQ(::symlinkat("elsewhere", dir.fd(), "down"), 0);
  ASSERT_EQ(::fchownat(dir.fd(), "down", 65534, 65534, AT_SYMLINK_NOFOLLOW), 0);
  EXPECT_FALSE(open_no_planted_link(dir.fd(), "down", O_WRONLY | O_CREAT, 0644));
  ASSERT_EQ(::fchownat(dir.fd(), "down", 0, 0, AT_SYMLINK_NOFOLLOW), 0);
  ASSERT_EQ(::fchown(dir.fd(), 65534, 65534), 0);
  EXPECT_FALSE(open_no_planted_link(dir.fd(), "down", O_WRONLY | O_CREAT, 0644));
}

TEST(CreateFile, LeavesNothingWhereItCouldNotWrite) {
  TestDirectory dir;
  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const sighandler_t handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit nothing{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &nothing), 0);
  const int error = create_file(dir.fd(), "status", bytes("new"), 0644);
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  EXPECT_EQ(error, EFBIG);
  EXPECT_FALSE(dir.exists("status"));
}

TEST(ReplaceFile, LeavesTheNewContentUnderTheNameAndNothingElse) {
  TestDirectory dir;
  dir.write("status", "old and longer");
  EXPECT_EQ(replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644), 0);
  EXPECT_EQ(dir.read("status"), "new");
  EXPECT_FALSE(dir.exists("status.new"));
}

TEST(ReplaceFile, DoesNotWriteThroughALinkThatSomebodyPlanted) {
  TestDirectory dir;
  dir.write("victim", "untouched");
  ASSERT_EQ(::symlink("victim", dir.path("status.new").c_str()), 0);
  EXPECT_EQ(replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644), 0);
  EXPECT_EQ(dir.read("victim"), "untouched");
  EXPECT_EQ(dir.read("status"), "new");
}

TEST(ReplaceFile, DoesNotWriteIntoAHardLinkThatSomebodyPlanted) {
  TestDirectory dir;
  dir.write("victim", "untouched");
  ASSERT_EQ(::link(dir.path("victim").c_str(), dir.path("status.new").c_str()), 0);
  EXPECT_EQ(replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644), 0);
  EXPECT_EQ(dir.read("victim"), "untouched");
  EXPECT_EQ(dir.read("status"), "new");
}

TEST(ReplaceFile, DoesNotWriteIntoAFifoThatSomebodyReads) {
  TestDirectory dir;
  ASSERT_EQ(::mkfifo(dir.path("status.new").c_str(), 0600), 0);
  const UniqueFd reader(::open(dir.path("status.new").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(reader);
  EXPECT_EQ(replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644), 0);
  EXPECT_TRUE(S_ISREG(dir.look("status").st_mode));
  char byte;
  EXPECT_EQ(::read(reader.get(), &byte, 1), 0);
}

TEST(ReplaceFile, DoesNotWaitForAFifoThatSomebodyPlanted) {
  TestDirectory dir;
  ASSERT_EQ(::mkfifo(dir.path("status.new").c_str(), 0600), 0);
  EXPECT_EQ(replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644), 0);
  EXPECT_TRUE(S_ISREG(dir.look("status").st_mode));
}

/// Whether `status` is replaced, whatever has the name, but for a directory, which stays.
bool replaces_whatever_has_the_name(NameIs name_is = NameIs::MostlyTaken) {
  TestDirectory dir;
  const auto replaced = [&dir, name_is] {
    return replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644, name_is) == 0 &&
           S_ISREG(dir.look("status").st_mode) && dir.read("status") == "new" && !dir.exists("status.new");
  };
  bool right = replaced() && replaced();
  dir.write("victim", "untouched");
  right = right && ::unlinkat(dir.fd(), "status", 0) == 0 && ::symlinkat("victim", dir.fd(), "status") == 0 &&
          replaced() && dir.read("victim") == "untouched";
  right = right && ::unlinkat(dir.fd(), "status", 0) == 0 && ::mkfifoat(dir.fd(), "status", 0600) == 0 &&
          replaced();
  right = right && ::unlinkat(dir.fd(), "status", 0) == 0 && ::mkdirat(dir.fd(), "status", 0700) == 0;
  dir.write("status/within", "kept");
  return right && replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644, name_is) == EISDIR &&
         dir.read("status/within") == "kept";
}

TEST(ReplaceFile, ReplacesWhateverHasTheNameButADirectory) {
  EXPECT_TRUE(replaces_whatever_has_the_name());
  EXPECT_TRUE(replaces_whatever_has_the_name(NameIs::MostlyFree));
}

TEST(ReplaceFileDeathTest, RenamesWhereExchangingIsRefused) {
  for (const unsigned error : {ENOSYS, EPERM, EINVAL})
    EXPECT_EXIT(
        {
          _exit(test::refuse_call(SYS_renameat2, error) && replaces_whatever_has_the_name() &&
                        replaces_whatever_has_the_name(NameIs::MostlyFree)
                    ? 0
                    : 1);
        },
        testing::ExitedWithCode(0), "");
}

#ifdef SYS_renameat
TEST(ReplaceFileDeathTest, RenamesNothingOntoAFileThatIsThere) {
  TestDirectory dir;
  dir.write("status", "old");
  dir.write("other", "");
  if (::syscall(SYS_renameat2, dir.fd(), "status", dir.fd(), "other", RENAME_EXCHANGE) != 0)
    GTEST_SKIP() << "files cannot be exchanged here";
  const auto replaced = [&dir] {
    return replace_file(dir.fd(), "status.new", "status", bytes("new"), 0644) == 0;
  };
  EXPECT_EXIT({ _exit(test::refuse_call(SYS_renameat, EPERM) && replaced() ? 0 : 1); },
              testing::ExitedWithCode(0), "");
  EXPECT_EQ(dir.read("status"), "new");
}
#endif

TEST(ReplaceFile, TellsWhyItCouldNot) {
  TestDirectory dir;
  EXPECT_EQ(replace_file(dir.fd(), "gone/status.new", "gone/status", bytes("new"), 0644), ENOENT);
}

TEST(OpenFifo, RefusesAnythingElseThatHasTheName) {
  TestDirectory dir;
  dir.write("control", "");
  EXPECT_FALSE(open_fifo(dir.fd(), "control", 0600));
  dir.make_directory("directory");
  EXPECT_FALSE(open_fifo(dir.fd(), "directory", 0600));
}

TEST(OpenFifo, KeepsTheModeThatAnAdministratorGaveIt) {
  TestDirectory dir;
  ASSERT_EQ(::mkfifo(dir.path("control").c_str(), 0600), 0);
  ::chmod(dir.path("control").c_str(), 0620);
  EXPECT_TRUE(open_fifo(dir.fd(), "control", 0600));
  EXPECT_EQ(dir.look("control").st_mode & 07777U, 0620U);
}

TEST(MakeDirectory, MakesWhatADanglingLinkPointsTo) {
  TestDirectory dir;
  dir.make_directory("state");
  dir.make_directory("web");
  ASSERT_EQ(::symlink("../state/web", dir.path("web/supervise").c_str()), 0);
  EXPECT_TRUE(make_directory(dir.fd(), "web/supervise", 0700));
  EXPECT_TRUE(S_ISDIR(dir.look("state/web").st_mode));
  EXPECT_TRUE(make_directory(dir.fd(), "web/supervise", 0700)) << "an existing one is fine";
}

TEST(MakeDirectory, RefusesALinkTextOf256Bytes) {
  TestDirectory dir;
  ASSERT_EQ(::symlink(std::string(256, 'x').c_str(), dir.path("supervise").c_str()), 0);
  const Status made = make_directory(dir.fd(), "supervise", 0700);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ENAMETOOLONG);
}

TEST(ReadFile, ReadsAllOfALongFileAndNoMoreThanAsked) {
  const TestDirectory dir;
  std::string content;
  for (int i = 0; i < 5000; ++i) content += std::to_string(i) + " ";
  dir.write("long", content);
  for (const std::size_t limit :
       {1UL, 4095UL, 4096UL, 4097UL, 8192UL, 10'000UL, content.size(), content.size() + 1, 1UL << 20})
    EXPECT_EQ(*read_file(dir.fd(), "long", limit), content.substr(0, limit)) << limit;
}

TEST(ReadFile, ReadsNoMoreThanAskedAndNothingButFiles) {
  TestDirectory dir;
  dir.write("status", std::string(5000, 'x'));
  EXPECT_EQ(read_file(dir.fd(), "status", 20)->size(), 20U);
  ASSERT_EQ(::mkfifo(dir.path("fifo").c_str(), 0600), 0);
  EXPECT_FALSE(read_file(dir.fd(), "fifo", 20));
  dir.make_directory("directory");
  EXPECT_EQ(read_file(dir.fd(), "directory", 20).error().code, EISDIR);
}

TEST(WriteWithoutWaiting, LosesWhatAFullPipeDoesNotTake) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const UniqueFd reading(ends[0]), writing(ends[1]);
  const std::string page(4096, 'x');
  while (::write(writing.get(), page.data(), page.size()) > 0) {
  }
  // Blocking now, for whoever shares it.
  ASSERT_EQ(::fcntl(writing.get(), F_SETFL, 0), 0);
  std::string line = "a line\n";
  const iovec parts[] = {{line.data(), line.size()}};
  write_without_waiting(writing.get(), parts);
  std::string all;
  char buffer[4096];
  for (ssize_t got; (got = ::read(reading.get(), buffer, sizeof buffer)) > 0;)
    all.append(buffer, static_cast<std::size_t>(got));
  EXPECT_EQ(all.find("line"), std::string::npos);
  EXPECT_EQ(::fcntl(writing.get(), F_GETFL) & O_NONBLOCK, 0);
  write_without_waiting(writing.get(), parts);
  EXPECT_EQ(::read(reading.get(), buffer, sizeof buffer), static_cast<ssize_t>(line.size()));
}

TEST(WriteWithoutWaiting, LosesWhatAFullSocketDoesNotTake) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd reading(ends[0]), writing(ends[1]);
  const std::string page(4096, 'x');
  while (::send(writing.get(), page.data(), page.size(), MSG_DONTWAIT) > 0) {
  }
  std::string line = "a line\n";
  const iovec parts[] = {{line.data(), line.size()}};
  write_without_waiting(writing.get(), parts);
  char buffer[4096];
  std::string all;
  for (ssize_t got; (got = ::recv(reading.get(), buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
    all.append(buffer, static_cast<std::size_t>(got));
  EXPECT_EQ(all.find("line"), std::string::npos);
  write_without_waiting(writing.get(), parts);
  EXPECT_EQ(::recv(reading.get(), buffer, sizeof buffer, MSG_DONTWAIT), static_cast<ssize_t>(line.size()));
}

TEST(WriteWithoutWaiting, LosesWhatATerminalThatIsNotReadDoesNotTake) {
  const UniqueFd screen(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (!screen || ::grantpt(screen.get()) != 0 || ::unlockpt(screen.get()) != 0)
    GTEST_SKIP() << "there are no terminals here";
  const UniqueFd terminal(::open(::ptsname(screen.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(terminal);
  // More than it takes, in writes that do not fit what is left.
  std::string line(3000, 'x');
  const iovec parts[] = {{line.data(), line.size()}};
  for (int i = 0; i < 100; ++i) write_without_waiting(terminal.get(), parts);
  char buffer[4096];
  EXPECT_GT(::read(screen.get(), buffer, sizeof buffer), 0);
}

TEST(DirectoryNames, AreSortedWithoutThoseThatBeginWithADot) {
  const TestDirectory dir;
  for (const char* name : {"b", ".hidden", "a", "c"}) dir.write(name, "");
  EXPECT_EQ(directory_names(dir.fd(), "."), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(directory_names(dir.fd(), "none").empty());
  EXPECT_TRUE(directory_names(dir.fd(), "a").empty());
}

}  // namespace
}  // namespace kindred
