#include "core/sys/process.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "core/sys/files.h"

namespace kindred {
namespace {

constexpr int kStartTimeField = 22;  // of /proc/PID/stat, counted from 1; see proc(5)

/// Clock ticks after boot, -1 if there is no such process or it is a zombie.
long long start_ticks(pid_t pid) {
  char path[40];
  std::snprintf(path, sizeof path, "/proc/%d/stat", static_cast<int>(pid));
  const Result<std::string> stat = read_file(AT_FDCWD, path, 2048);
  if (!stat) return -1;
  // The command's name may hold blanks and parentheses; fields are counted from the last one.
  const std::size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= stat->size()) return -1;
  const char* at = stat->c_str() + name_end + 2;
  if (*at == 'Z' || *at == 'X') return -1;
  for (int field = 3; field < kStartTimeField; ++field) {
    at = std::strchr(at, ' ');
    if (at == nullptr) return -1;
    ++at;
  }
  return std::atoll(at);
}

bool works_in(pid_t pid, const DirectoryId& directory) {
  char path[40];
  std::snprintf(path, sizeof path, "/proc/%d/cwd", static_cast<int>(pid));
  struct stat st;
  return ::stat(path, &st) == 0 && DirectoryId{st.st_dev, st.st_ino} == directory;
}

}  // namespace

UniqueFd open_recorded_process(pid_t pid, WallTime since, Duration tolerance, const DirectoryId& directory) {
  if (pid <= 1) return UniqueFd{};
  // First the descriptor, then the look: what is seen through /proc cannot be a later process of that number.
  UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return UniqueFd{};
  const long long ticks = start_ticks(pid);
  if (ticks < 0) return UniqueFd{};
  timespec boot{}, wall{};
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  ::clock_gettime(CLOCK_REALTIME, &wall);
  const double per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  auto seconds = [](const timespec& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
  };
  const double started = seconds(wall) - seconds(boot) + static_cast<double>(ticks) / per_second;
  const double told = static_cast<double>(since.seconds) + static_cast<double>(since.nanos) / 1e9;
  const double apart = started > told ? started - told : told - started;
  if (apart * 1e6 <= static_cast<double>(tolerance.count()) || works_in(pid, directory)) return process;
  return UniqueFd{};
}

UniqueFd open_pipe_of(pid_t pid, int fd) {
  char path[48];
  std::snprintf(path, sizeof path, "/proc/%d/fd/%d", static_cast<int>(pid), fd);
  struct stat st;
  if (::stat(path, &st) != 0 || !S_ISFIFO(st.st_mode)) return UniqueFd{};
  return UniqueFd(::open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC));
}

}  // namespace kindred
