#include "core/sys/descriptor_table.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace kindred {
namespace {

/// How many descriptors the kernel has room for at present, as it says itself. Where there is no /proc: as far as
/// anything is likely to have been opened.
int size_of_table() noexcept {
  char text[4096];
  const UniqueFd status(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  const ssize_t size = status ? ::read(status.get(), text, sizeof text - 1) : -1;
  if (size > 0) {
    text[size] = '\0';
    constexpr const char* kField = "\nFDSize:";
    if (const char* const at = std::strstr(text, kField)) return std::atoi(at + std::strlen(kField));
  }
  constexpr rlim_t kAsked = 65'536;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(std::min(limit.rlim_cur, kAsked));
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
  // A list of them would cost the kernel an inode each. Nor are they polled: of an epoll(7) that others have, too, that
  // would take what is ready for them and not for us, signals above all.
  for (int fd = size_of_table() - 1; fd > STDERR_FILENO; --fd)
    if (::fcntl(fd, F_GETFD) >= 0) return fd;
  return STDERR_FILENO;
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
