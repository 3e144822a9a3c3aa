#include "core/sys/descriptor_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "tests/core/refused_call.h"

namespace kindred {
namespace {

TEST(DescriptorTable, TheHighestIsFound) {
  const int high = ::fcntl(0, F_DUPFD, 700);
  ASSERT_EQ(high, 700);
  EXPECT_EQ(highest_open_descriptor(), 700);
  ::close(high);
  EXPECT_LT(highest_open_descriptor(), 700);
}

TEST(DescriptorTableDeathTest, TheHighestIsFoundWithoutProc) {
  // What has no /proc cannot open it; no call but this one opens here.
  EXPECT_EXIT(
      {
        bool right = ::fcntl(0, F_DUPFD, 700) == 700 && test::refuse_call(SYS_openat, ENOENT);
        right = right && highest_open_descriptor() == 700;
        ::close(700);
        _exit(right && highest_open_descriptor() < 700 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

// A child of a supervisor asks, and must not make that deaf: a descriptor that is polled is asked in who polls it.
TEST(DescriptorTable, WhoAsksTakesNothingFromWhoWaits) {
  sigset_t one, before;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  ASSERT_EQ(sigprocmask(SIG_BLOCK, &one, &before), 0);
  const UniqueFd signals(::signalfd(-1, &one, SFD_CLOEXEC | SFD_NONBLOCK)),
      waiting(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{EPOLLIN, {}};
  ASSERT_EQ(::epoll_ctl(waiting.get(), EPOLL_CTL_ADD, signals.get(), &event), 0);
  ASSERT_EQ(::kill(::getpid(), SIGUSR1), 0);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(highest_open_descriptor() > 0 ? 0 : 1);
  int status = 1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(::epoll_wait(waiting.get(), &event, 1, 0), 1);
  signalfd_siginfo taken{};
  EXPECT_EQ(::read(signals.get(), &taken, sizeof taken), static_cast<ssize_t>(sizeof taken));
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

bool closes_on_exec() {
  close_on_exec_from(600);
  return ::fcntl(700, F_GETFD) == FD_CLOEXEC && ::fcntl(599, F_GETFD) == 0;
}

TEST(DescriptorTableDeathTest, NothingThatCameWithUsGoesOnWhereCloseRangeIsRefused) {
  for (const unsigned error : {ENOSYS, EPERM, EACCES})
    EXPECT_EXIT(
        {
          bool right = ::fcntl(0, F_DUPFD, 700) == 700 && ::fcntl(0, F_DUPFD, 599) == 599;
          right = right && test::refuse_call(SYS_close_range, error);
          _exit(right && closes_on_exec() ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
  EXPECT_EXIT(
      {
        const bool right = ::fcntl(0, F_DUPFD, 700) == 700 && ::fcntl(0, F_DUPFD, 599) == 599;
        _exit(right && closes_on_exec() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(DescriptorTableDeathTest, WhatAnExecClosesIsClosed) {
  EXPECT_EXIT(
      {
        const bool open = ::fcntl(0, F_DUPFD, 700) == 700 && ::fcntl(0, F_DUPFD_CLOEXEC, 701) == 701;
        close_what_exec_closes();
        _exit(open && ::fcntl(700, F_GETFD) == 0 && ::fcntl(701, F_GETFD) == -1 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(DescriptorTableDeathTest, AMissingDescriptorBecomesNothingThatChildrenInherit) {
  EXPECT_EXIT(
      {
        ::close(0);
        struct stat found;
        struct stat null;
        const bool right = take_nothing(0) && ::fstat(0, &found) == 0 && ::stat("/dev/null", &null) == 0;
        _exit(right && found.st_rdev == null.st_rdev && ::fcntl(0, F_GETFD) == 0 ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace kindred
