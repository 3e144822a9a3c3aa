#include "core/sys/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/base/shell_quote.h"
#include "core/sys/path_of_descriptor.h"

namespace kindred {

Result<UniqueFd> open_directory(int at, const char* path) {
  UniqueFd fd(::openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return error_here("open directory", path);
  return fd;
}

std::string physical_path(int directory) {
  const UniqueFd here(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!here || ::fchdir(directory) != 0) return {};
  char path[PATH_MAX];
  const bool found = ::getcwd(path, sizeof path) != nullptr;
  if (::fchdir(here.get()) != 0) return {};
  return found ? path : std::string();
}

Result<DirectoryId> identify(int directory) {
  struct stat st;
  if (::fstat(directory, &st) != 0) return error_here("stat", "directory");
  return DirectoryId{st.st_dev, st.st_ino};
}

UniqueFd open_no_planted_link(int at, const char* path, int flags, mode_t mode) noexcept {
  flags |= O_NONBLOCK | O_CLOEXEC;
  UniqueFd fd(::openat(at, path, flags | O_NOFOLLOW, mode));
  if (fd || errno != ELOOP) return fd;
  const char* const slash = std::strrchr(path, '/');
  char place[PATH_MAX] = ".";
  if (slash != nullptr && static_cast<std::size_t>(slash - path) + 2 > sizeof place) return fd;
  if (slash != nullptr) std::snprintf(place, sizeof place, "%.*s/", static_cast<int>(slash - path), path);
  struct stat link, directory;
  const auto ours = [](const struct stat& st) { return st.st_uid == 0 || st.st_uid == ::geteuid(); };
  if (::fstatat(at, path, &link, AT_SYMLINK_NOFOLLOW) != 0 || ::fstatat(at, place, &directory, 0) != 0 ||
      !ours(link) || !ours(directory) || (directory.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    errno = ELOOP;
    return fd;
  }
  fd.reset(::openat(at, path, flags, mode));
  return fd;
}

int create_file(int at, const char* name, ByteView content, mode_t mode) noexcept {
  // What was left or planted there, a link above all, is not written through.
  const int fd = ::openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode);
  if (fd < 0) return errno;
  int error = write_all(fd, {reinterpret_cast<const char*>(content.data()), content.size()});
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error != 0) ::unlinkat(at, name, 0);
  return error;
}

namespace {
int rename_so(int at, const char* from, const char* to, unsigned how) noexcept {
  // The C library has no name for the call everywhere. A call that the kernel does not know is not asked again.
  static std::atomic<bool> unknown{false};
  if (unknown.load(std::memory_order_relaxed)) return ENOSYS;
  if (::syscall(SYS_renameat2, at, from, at, to, how) == 0) return 0;
  const int error = errno;
  if (error == ENOSYS) unknown.store(true, std::memory_order_relaxed);
  return error;
}

/// rename(2), but that what had the name is exchanged and then removed: ext4 starts to write a file to the disk
/// when it is renamed onto another, which takes twenty times as long. Who looks at `name` sees the old content
/// until the exchange and the new from then on; a crash before the removal leaves the old one as `temporary`.
int move_over(int at, const char* temporary, const char* name, NameIs name_is) noexcept {
  if (name_is == NameIs::MostlyFree && rename_so(at, temporary, name, RENAME_NOREPLACE) == 0) return 0;
  // Nothing has the name, or the exchange is refused: rename does it, or says what is wrong.
  if (rename_so(at, temporary, name, RENAME_EXCHANGE) != 0)
    return ::renameat(at, temporary, at, name) == 0 ? 0 : errno;
  if (::unlinkat(at, temporary, 0) == 0) return 0;
  // A directory had the name, which a rename would have refused.
  const int error = errno;
  (void)rename_so(at, temporary, name, RENAME_EXCHANGE);
  return error;
}
}  // namespace

int replace_file(int at, const char* temporary, const char* name, ByteView content, mode_t mode,
                 NameIs name_is) noexcept {
  int error = create_file(at, temporary, content, mode);
  if (error == EEXIST && ::unlinkat(at, temporary, 0) == 0) error = create_file(at, temporary, content, mode);
  return error != 0 ? error : move_over(at, temporary, name, name_is);
}

std::size_t read_tail(int at, const char* name, ByteSpan room, std::size_t record) noexcept {
  const UniqueFd fd(::openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat st;
  if (!fd || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode)) return 0;
  const auto size = static_cast<std::size_t>(st.st_size);
  if (size % record != 0) return 0;
  const std::size_t wanted = std::min(size, room.size() / record * record);
  const ssize_t got = ::pread(fd.get(), room.data(), wanted, static_cast<off_t>(size - wanted));
  return got == static_cast<ssize_t>(wanted) ? wanted : 0;
}

int overwrite_file(int at, const char* name, ByteView content) noexcept {
  const UniqueFd fd(::openat(at, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat st;
  if (!fd || ::fstat(fd.get(), &st) != 0) return errno;
  if (!S_ISREG(st.st_mode)) return EINVAL;
  // Who may make links in a service's directory is not to have us write elsewhere.
  if (st.st_nlink > 1) return EMLINK;
  const ssize_t written = ::pwrite(fd.get(), content.data(), content.size(), 0);
  if (written < 0) return errno;
  return static_cast<std::size_t>(written) == content.size() ? 0 : ENOSPC;
}

Result<UniqueFd> open_fifo(int at, const char* path, mode_t mode) {
  if (::mkfifoat(at, path, mode) != 0 && errno != EEXIST) return error_here("create", path);
  // Open for both directions: it never sees end of file, and one descriptor does for reader and writer.
  // A link that its user could have planted would make us read what is said to another service.
  UniqueFd fd = open_no_planted_link(at, path, O_RDWR);
  if (!fd) return error_here("open", path);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return error_here("stat", path);
  if (!S_ISFIFO(st.st_mode)) return error_here(kUseAsFifo, path, EEXIST);
  return fd;
}

Status make_directory(int at, const char* path, mode_t mode) {
  if (::mkdirat(at, path, mode) == 0) return ok();
  if (errno != EEXIST) return error_here("create", path);
  constexpr std::size_t kLongestLink = 256;
  char target[kLongestLink];
  const ssize_t size = ::readlinkat(at, path, target, sizeof target);
  if (size < 0) return ok();
  if (size >= static_cast<ssize_t>(sizeof target)) return error_here("read link", path, ENAMETOOLONG);
  target[size] = '\0';
  // A relative target is meant from where the link lies.
  const std::string_view own(path);
  const std::size_t slash = own.rfind('/');
  std::string where = target[0] == '/' || slash == std::string_view::npos
                          ? std::string(target)
                          : std::string(own.substr(0, slash + 1)) + target;
  // Its failure shows when the first file is opened.
  (void)::mkdirat(at, where.c_str(), mode);
  return ok();
}

Result<std::vector<std::string>> list_directory(int at, const char* path) {
  Result<UniqueFd> fd = open_directory(at, path);
  if (!fd) return fd.error();
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::fdopendir(fd->get()), ::closedir);
  if (!list) return error_here("read directory", path);
  (void)fd->release();
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(list.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  if (errno != 0) return error_here("read directory", path);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> directory_names(int at, const char* path) {
  Result<std::vector<std::string>> names = list_directory(at, path);
  return names ? std::move(*names) : std::vector<std::string>();
}

Result<std::string> read_beginning(int fd, std::string_view object, std::size_t limit) {
  // Most files are small: room for a page, and for twice as much whenever it is full.
  constexpr std::size_t kFirst = 4096;
  std::string content(std::min(limit, kFirst), '\0');
  std::size_t size = 0;
  while (size < limit) {
    if (size == content.size()) content.resize(std::min(limit, 2 * size));
    const ssize_t got = ::read(fd, content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_here("read", object);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  content.resize(size);
  return content;
}

std::string read_kernel_file(const char* path, std::size_t limit) {
  const UniqueFd file(::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) return {};
  Result<std::string> text = read_beginning(file.get(), path, limit);
  return text ? std::move(*text) : std::string();
}

Result<std::string> read_file(int at, const char* path, std::size_t limit) {
  UniqueFd fd(::openat(at, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return error_here("open", path);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return error_here("stat", path);
  if (!S_ISREG(st.st_mode)) return error_here("read", path, S_ISDIR(st.st_mode) ? EISDIR : EINVAL);
  return read_beginning(fd.get(), path, limit);
}

int write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

void write_without_waiting(int fd, std::span<const iovec> parts) noexcept {
  const int count = static_cast<int>(parts.size());
  struct stat st;
  if (::fstat(fd, &st) != 0) return;
  if (S_ISSOCK(st.st_mode)) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    (void)!::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return;
  }
  if (S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && ::isatty(fd) != 0)) {
    // Others write here too and may fill it at any moment, a terminal may be stopped, and O_NONBLOCK would be
    // theirs as well: opened anew.
    char self[40];
    std::snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    if (const UniqueFd own(::open(self, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)); own) {
      (void)!::writev(own.get(), parts.data(), count);
      return;
    }
    // Without /proc: pipes of newer kernels know writes that do not wait.
    constexpr off_t kNowhere = -1;
    if (::pwritev2(fd, parts.data(), count, kNowhere, RWF_NOWAIT) >= 0 || errno == EAGAIN) return;
  }
  pollfd target{fd, POLLOUT, 0};
  if (::poll(&target, 1, 0) == 1 && target.revents == POLLOUT) (void)!::writev(fd, parts.data(), count);
}

std::string link_text(const std::string& path) {
  char text[PATH_MAX];
  const ssize_t size = ::readlink(path.c_str(), text, sizeof text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

Status link_to_directory(int at, const char* path, int directory) {
  return link_to_file(at, path, directory, "");
}

namespace {
Result<std::string> path_of(int directory) {
  char self[40], target[PATH_MAX];
  std::snprintf(self, sizeof self, "/proc/self/fd/%d", directory);
  const ssize_t size = ::readlink(self, target, sizeof target);
  if (size < 0) {
    const WorkingDirectory there(directory);
    if (!there || ::getcwd(target, sizeof target) == nullptr) return error_here("read", self);
    return std::string(target);
  }
  return std::string(target, static_cast<std::size_t>(size));
}
}  // namespace

Status make_script_for(int at, const char* path, int directory, const char* name) {
  struct stat st;
  if (::fstatat(directory, name, &st, 0) != 0) return ok();
  const Result<std::string> place = path_of(directory);
  if (!place) return place.error();
  const std::string script = "#!/bin/sh\ncd -- " + shell_quoted(*place) + " && exec ./" + name + "\n";
  const std::string temporary = std::string(path) + ".new";
  const int error = replace_file(at, temporary.c_str(), path,
                                 {reinterpret_cast<const std::uint8_t*>(script.data()), script.size()}, 0755);
  if (error != 0) return error_here("create", path, error);
  return ok();
}

Status link_to_file(int at, const char* path, int directory, const char* name) {
  Result<std::string> place = path_of(directory);
  if (!place) return place.error();
  std::string& where = *place;
  if (*name != '\0') where.append("/").append(name);
  if (::symlinkat(where.c_str(), at, path) == 0) return ok();
  if (errno != EEXIST) return error_here("create", path);
  remove_tree(at, path);
  if (::symlinkat(where.c_str(), at, path) != 0) return error_here("create", path);
  return ok();
}

void remove_tree(int at, const char* path) noexcept {
  if (::unlinkat(at, path, 0) == 0 || (errno != EISDIR && errno != EPERM)) return;
  const int directory = ::openat(at, path, O_RDONLY | O_NONBLOCK | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory < 0) return;
  if (DIR* list = ::fdopendir(directory)) {
    while (const dirent* entry = ::readdir(list)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") remove_tree(directory, entry->d_name);
    }
    ::closedir(list);
  } else {
    ::close(directory);
  }
  ::unlinkat(at, path, AT_REMOVEDIR);
}

}  // namespace kindred
