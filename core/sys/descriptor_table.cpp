#include "core/sys/descriptor_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace kindred {
namespace {

/// Where there is no /proc: as far as anything is likely to have been opened.
int highest_by_asking() noexcept {
  constexpr int kAsked = 65'536, kAtOnce = 256;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, kAsked));
  int highest = 2;
  pollfd asked[kAtOnce];
  for (int first = 0; first < end; first += kAtOnce) {
    const int count = std::min(kAtOnce, end - first);
    for (int i = 0; i < count; ++i) asked[i] = {first + i, 0, 0};
    if (::poll(asked, static_cast<nfds_t>(count), 0) < 0) continue;
    for (int i = 0; i < count; ++i)
      if ((asked[i].revents & POLLNVAL) == 0) highest = std::max(highest, first + i);
  }
  return highest;
}

}  // namespace

UniqueFd open_nothing() noexcept {
  UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (nothing) return nothing;
  const int error = errno;
  nothing.reset(::open("/", O_RDONLY | O_CLOEXEC));
  errno = error;
  return nothing;
}

bool take_nothing(int fd) noexcept {
  UniqueFd nothing = open_nothing();
  if (!nothing) return false;
  if (nothing.get() != fd) return ::dup2(nothing.get(), fd) == fd;
  // There was none.
  (void)nothing.release();
  return ::fcntl(fd, F_SETFD, 0) == 0;
}

bool take_missing_standard_descriptors() noexcept {
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF && !take_nothing(fd)) return false;
  return true;
}

int highest_open_descriptor() noexcept {
  int highest = 2;
  DIR* list = ::opendir("/proc/self/fd");
  if (list == nullptr) return highest_by_asking();
  while (const dirent* entry = ::readdir(list)) {
    const int fd = std::atoi(entry->d_name);
    if (fd != ::dirfd(list)) highest = std::max(highest, fd);
  }
  ::closedir(list);
  return highest;
}

void close_on_exec_from(int first) noexcept {
  if (::syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  const int highest = highest_open_descriptor();
  for (int fd = first; fd <= highest; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void close_what_exec_closes() noexcept {
  const int highest = highest_open_descriptor();
  for (int fd = 0; fd <= highest; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) != 0) ::close(fd);
  }
}

}  // namespace kindred
