#include "core/sys/flag_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "core/sys/files.h"

namespace kindred {
namespace {

int remove(int at, const char* path) noexcept {
  return ::unlinkat(at, path, 0) == 0 || errno == ENOENT ? 0 : errno;
}

/// Where the link leads, as seen from `at`; false where that is too long.
bool read_link(int at, const char* path, char (&target)[PATH_MAX]) noexcept {
  char text[PATH_MAX];
  const ssize_t size = ::readlinkat(at, path, text, sizeof text);
  if (size <= 0) return false;
  const char* const slash = std::strrchr(path, '/');
  const std::size_t before =
      text[0] == '/' || slash == nullptr ? 0 : static_cast<std::size_t>(slash - path) + 1;
  if (before + static_cast<std::size_t>(size) >= sizeof target) return false;
  std::memcpy(target, path, before);
  std::memcpy(target + before, text, static_cast<std::size_t>(size));
  target[before + static_cast<std::size_t>(size)] = '\0';
  return true;
}

}  // namespace

int make_flag_file(int at, const char* path) noexcept {
  constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const UniqueFd made(::openat(at, path, kNew, 0666));
  const int error = errno;
  struct stat st;
  if (made || ::fstatat(at, path, &st, 0) == 0) return 0;
  if (error != EEXIST) return error;
  const UniqueFd beyond = open_no_planted_link(at, path, O_WRONLY | O_CREAT, 0666);
  return beyond ? 0 : errno;
}

int remove_flag_file(int at, const char* path) noexcept {
  struct stat own, meant;
  char target[PATH_MAX];
  if (::fstatat(at, path, &own, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(own.st_mode)) return remove(at, path);
  if (::fstatat(at, path, &meant, 0) != 0 && errno == ENOENT) return 0;
  const UniqueFd beyond = open_no_planted_link(at, path, O_RDONLY);
  // What holds something was not made to be a flag.
  const bool flag =
      beyond && ::fstat(beyond.get(), &meant) == 0 && S_ISREG(meant.st_mode) && meant.st_size == 0;
  return flag && read_link(at, path, target) ? remove(at, target) : remove(at, path);
}

}  // namespace kindred
