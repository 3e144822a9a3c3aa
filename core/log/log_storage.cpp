#include "core/log/log_storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/sys/files.h"

namespace kindred {
namespace {

/// What was opened must be a regular file: 0, or the error, after closing it.
int keep_if_regular(int fd) {
  struct stat facts {};
  if (::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) return 0;
  ::close(fd);
  // As if nobody had opened its other end.
  return S_ISFIFO(facts.st_mode) ? ENXIO : EINVAL;
}

/// A log directory may be another's than who reads and replaces what lies there.
int open_at(int directory, const char* name, int flags, mode_t mode = 0) {
  return open_no_planted_link(directory, name, flags, mode).release();
}

}  // namespace

SystemLogStorage::SystemLogStorage(SystemLogStorage&& other) noexcept
    : directory_(std::exchange(other.directory_, -1)),
      lock_(std::exchange(other.lock_, -1)),
      block_size_(other.block_size_) {}

SystemLogStorage::~SystemLogStorage() {
  if (lock_ >= 0) ::close(lock_);
  if (directory_ >= 0) ::close(directory_);
}

int SystemLogStorage::open(const char* path) {
  directory_ = ::open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
  if (directory_ == -1) return errno;
  struct statfs facts {};
  if (::fstatfs(directory_, &facts) == 0 && facts.f_bsize > 0)
    block_size_ = static_cast<std::uint64_t>(facts.f_bsize);
  return 0;
}

bool SystemLogStorage::ends_within_line(const char* name) const {
  const int fd = open_at(directory_, name, O_RDONLY);
  if (fd == -1) return false;
  char last = '\n';
  const off_t size = ::lseek(fd, 0, SEEK_END);
  const bool within = size > 0 && ::pread(fd, &last, 1, size - 1) == 1 && last != '\n';
  ::close(fd);
  return within;
}

bool SystemLogStorage::is_at(const char* path) const {
  struct stat here {
  }, there{};
  return ::fstat(directory_, &here) == 0 && ::stat(path, &there) == 0 && here.st_dev == there.st_dev &&
         here.st_ino == there.st_ino;
}

int SystemLogStorage::lock(const char* name, mode_t mode, LogLock kind) {
  const int fd = open_at(directory_, name, O_RDWR | O_CREAT, mode);
  if (fd == -1) return errno;
  if (const int error = keep_if_regular(fd); error != 0) return error;
  int error = 0;
  if (kind == LogLock::Flock) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == -1) error = errno;
  } else {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    if (::fcntl(fd, F_SETLK, &whole) == -1) error = errno == EACCES ? EAGAIN : errno;
  }
  if (error == 0 && kind == LogLock::RecordWithPid) {
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::fchmod(fd, mode) == -1 || ::ftruncate(fd, 0) == -1 ||
        ::write(fd, pid.data(), pid.size()) != static_cast<ssize_t>(pid.size()))
      error = errno;
  }
  if (error != 0) {
    ::close(fd);
    return error;
  }
  lock_ = fd;
  return 0;
}

int SystemLogStorage::open_append(const char* name, mode_t mode, LogFile& file) {
  const int fd = open_at(directory_, name, O_WRONLY | O_APPEND | O_CREAT, mode);
  if (fd == -1) return errno;
  if (const int error = keep_if_regular(fd); error != 0) return error;
  file = LogFile{fd};
  return 0;
}

int SystemLogStorage::append(LogFile file, std::string_view bytes, std::size_t& written) {
  ssize_t size;
  do size = ::write(static_cast<int>(file), bytes.data(), bytes.size());
  while (size == -1 && errno == EINTR);
  written = size > 0 ? static_cast<std::size_t>(size) : 0;
  if (size == -1) return errno;
  // Of a regular file only a full disk can be the reason.
  return size == 0 && !bytes.empty() ? ENOSPC : 0;
}

int SystemLogStorage::reserve(LogFile file, std::uint64_t size) {
  // Setting room aside makes memory file systems slower by a quarter: it is done where room is scarce.
  constexpr std::uint64_t kPlenty = 64 * 1024 * 1024;
  struct statfs room {};
  if (::fstatfs(static_cast<int>(file), &room) == 0 &&
      room.f_bavail > (size + kPlenty) / static_cast<std::uint64_t>(room.f_bsize))
    return 0;
  if (::fallocate(static_cast<int>(file), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)) == 0) return 0;
  return errno == ENOSPC || errno == EDQUOT ? errno : 0;
}

void SystemLogStorage::release(LogFile file, std::uint64_t size) {
  if (::ftruncate(static_cast<int>(file), static_cast<off_t>(size)) == -1) return;
}

int SystemLogStorage::sync(LogFile file) { return ::fsync(static_cast<int>(file)) == -1 ? errno : 0; }

int SystemLogStorage::set_mode(LogFile file, mode_t mode) {
  return ::fchmod(static_cast<int>(file), mode) == -1 ? errno : 0;
}

void SystemLogStorage::close(LogFile file) { ::close(static_cast<int>(file)); }

int SystemLogStorage::make_empty(const char* name, mode_t mode) {
  const int fd = open_at(directory_, name, O_WRONLY | O_CREAT, mode);
  if (fd == -1) return errno;
  if (const int error = keep_if_regular(fd); error != 0) return error;
  const int error = ::ftruncate(fd, 0) == -1 || ::fchmod(fd, mode) == -1 ? errno : 0;
  ::close(fd);
  return error;
}

int SystemLogStorage::sync_name(const char* name) {
  const int fd = open_at(directory_, name, O_WRONLY);
  if (fd == -1) return errno;
  const int error = ::fsync(fd) == -1 ? errno : 0;
  ::close(fd);
  return error;
}

int SystemLogStorage::set_mode_name(const char* name, mode_t mode) {
  const int fd = open_at(directory_, name, O_RDONLY);
  if (fd == -1) return errno;
  const int error = ::fchmod(fd, mode) == -1 ? errno : 0;
  ::close(fd);
  return error;
}

int SystemLogStorage::rename(const char* from, const char* to) {
  return ::renameat(directory_, from, directory_, to) == -1 ? errno : 0;
}

int SystemLogStorage::link(const char* from, const char* to) {
  return ::linkat(directory_, from, directory_, to, 0) == -1 ? errno : 0;
}

int SystemLogStorage::remove(const char* name) { return ::unlinkat(directory_, name, 0) == -1 ? errno : 0; }

int SystemLogStorage::look(const char* name, std::optional<LogFileFacts>& facts) {
  facts.reset();
  struct stat found {};
  if (::fstatat(directory_, name, &found, AT_SYMLINK_NOFOLLOW) == -1) return errno == ENOENT ? 0 : errno;
  if (S_ISLNK(found.st_mode)) {
    // One that is not followed is seen as what it is: whoever opens it hears of it.
    const UniqueFd there = open_no_planted_link(directory_, name, O_RDONLY);
    if (there ? ::fstat(there.get(), &found) == -1 : errno != ELOOP) return errno == ENOENT ? 0 : errno;
  }
  facts = LogFileFacts{static_cast<std::uint64_t>(found.st_size), found.st_mode & 07777, found.st_nlink};
  return 0;
}

int SystemLogStorage::list(std::vector<std::string>& names) {
  names.clear();
  const int fd = ::openat(directory_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1) return errno;
  DIR* directory = ::fdopendir(fd);
  if (directory == nullptr) {
    const int error = errno;
    ::close(fd);
    return error;
  }
  errno = 0;
  while (const dirent* entry = ::readdir(directory)) names.emplace_back(entry->d_name);
  const int error = errno;
  ::closedir(directory);
  return error;
}

}  // namespace kindred
