#include "core/sys/event_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/sys/files.h"

namespace kindred::event_directory {
namespace {

/// A FIFO with more names than one may be somebody's control FIFO, linked here by who could not write to it.
bool is_plain_fifo(const struct stat& st) { return S_ISFIFO(st.st_mode) && st.st_nlink == 1; }

/// For writing, without waiting; nothing if there is no reader (then it is removed), or if it is no FIFO.
UniqueFd open_listener(int directory, const char* name) noexcept {
  struct stat st;
  // Opening can have effects of its own, on a device for instance: first the look.
  if (::fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !is_plain_fifo(st)) return UniqueFd{};
  UniqueFd fifo(::openat(directory, name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC));
  if (!fifo) {
    if (errno == ENXIO) ::unlinkat(directory, name, 0);
    return UniqueFd{};
  }
  // Another file may have taken the name meanwhile.
  if (::fstat(fifo.get(), &st) != 0 || !is_plain_fifo(st)) return UniqueFd{};
  return fifo;
}

/// Calls `visit(directory, name)` for the names of listeners. The kernel's own list, since the C library's
/// allocates.
template <class Visit>
int for_each_listener(int at, const char* path, const Visit& visit) noexcept {
  const UniqueFd directory(::openat(at, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC));
  if (!directory) return errno;
  alignas(std::uint64_t) char entries[4096];
  // struct linux_dirent64: inode 8, offset 8, length 2, type 1, then the name.
  constexpr std::size_t kLength = 16, kName = 19;
  for (int names = 0; names < kMostNames;) {
    const long size = ::syscall(SYS_getdents64, directory.get(), entries, sizeof entries);
    if (size < 0) return errno;
    if (size == 0) break;
    for (long at_entry = 0; at_entry < size; ++names) {
      const char* const entry = entries + at_entry;
      std::uint16_t length;
      std::memcpy(&length, entry + kLength, sizeof length);
      at_entry += length;
      if (is_listener(entry + kName)) visit(directory.get(), entry + kName);
    }
  }
  return 0;
}

}  // namespace

int notify(int at, const char* path, std::string_view events) noexcept {
  return for_each_listener(at, path, [events](int directory, const char* name) {
    const UniqueFd fifo = open_listener(directory, name);
    if (!fifo) return;
    if (::write(fifo.get(), events.data(), events.size()) < 0 && errno == EPIPE)
      ::unlinkat(directory, name, 0);
  });
}

int clean(int at, const char* path) noexcept {
  return for_each_listener(at, path, [](int directory, const char* name) {
    const UniqueFd looked_at = open_listener(directory, name);
  });
}

Status make(int at, const char* path, const Listeners& listeners, IfThere if_there) {
  bool made = ::mkdirat(at, path, 0700) == 0;
  if (!made && errno != EEXIST) return error_here("create", path);
  struct stat st;
  if (::fstatat(at, path, &st, 0) != 0) {
    if (errno != ENOENT) return error_here("stat", path);
    if (Status target = make_directory(at, path, 0700); !target) return target;
    made = true;
    if (::fstatat(at, path, &st, 0) != 0) return error_here("stat", path);
  }
  if (!S_ISDIR(st.st_mode)) return error_here("use as a directory", path, ENOTDIR);
  if (!made && if_there == IfThere::Leave) return ok();
  const UniqueFd directory(::openat(at, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC));
  if (!directory) return error_here("open", path);
  if (listeners.group && ::fchown(directory.get(), static_cast<uid_t>(-1), *listeners.group) != 0)
    return error_here("change the group of", path);
  if (::fchmod(directory.get(), listeners.mode()) != 0) return error_here("change the mode of", path);
  return ok();
}

}  // namespace kindred::event_directory
