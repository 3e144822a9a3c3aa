#include "core/sys/held_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/sys/files.h"
#include "core/sys/memory.h"

namespace kindred {
namespace {

constexpr std::size_t kMapped = 1;  // bytes, which the kernel makes a page; nothing is ever read there
constexpr int kLockFlags = O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

int take_lock(int fd, LockKind kind) {
  if (kind == LockKind::Flock) return ::flock(fd, LOCK_EX | LOCK_NB);
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &whole);
}

/// Makes it where there is none. A file that only its owner's writing is allowed for cannot be mapped, and can be
/// locked all the same.
UniqueFd open_lock(int at, const char* path, mode_t mode) {
  UniqueFd fd(::openat(at, path, O_RDWR | O_CREAT | kLockFlags, mode));
  if (!fd && errno == EACCES) fd.reset(::openat(at, path, O_WRONLY | kLockFlags));
  return fd;
}

/// What is made meanwhile has just the mode that was asked for: nobody is to see it with less for a moment. The mask is
/// the process's; only one thread makes files here.
class FileMask {
 public:
  explicit FileMask(bool off) noexcept : before_(off ? ::umask(0) : 0), off_(off) {}
  ~FileMask() {
    if (off_) ::umask(before_);
  }
  FileMask(const FileMask&) = delete;
  FileMask& operator=(const FileMask&) = delete;

 private:
  mode_t before_;
  bool off_;
};

/// A new file under the name, with the mode and owner of the one that has it now.
UniqueFd part_from_other_names(int at, const char* path, const struct stat& old, LockKind kind) {
  const std::string temporary = std::string(path) + ".new";
  ::unlinkat(at, temporary.c_str(), 0);
  UniqueFd fd(::openat(at, temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | kLockFlags, 0600));
  if (!fd) return fd;
  // Not a reason to leave the service alone: it may have been somebody else's file on a foreign system.
  (void)!::fchown(fd.get(), old.st_uid, old.st_gid);
  if (::fchmod(fd.get(), old.st_mode & 07777) != 0 || take_lock(fd.get(), kind) != 0 ||
      ::renameat(at, temporary.c_str(), at, path) != 0)
    return UniqueFd{};
  return fd;
}

}  // namespace

HeldLock::HeldLock(UniqueFd opened) noexcept : kept_(std::move(opened)) {
  if (!kept_) return;
  void* const mapping = map_for_us_alone(kept_.get(), kMapped, PROT_NONE);
  if (mapping == nullptr) return;
  mapping_ = mapping;
  kept_.reset();
}

HeldLock& HeldLock::operator=(HeldLock&& from) noexcept {
  if (this == &from) return *this;
  release();
  mapping_ = std::exchange(from.mapping_, nullptr);
  kept_ = std::move(from.kept_);
  return *this;
}

void HeldLock::release() noexcept {
  if (mapping_ != nullptr) ::munmap(std::exchange(mapping_, nullptr), kMapped);
  kept_.reset();
}

void make_lock_file(int at, const char* path, mode_t mode, bool exact) noexcept {
  const FileMask mask(exact);
  const UniqueFd made(::openat(at, path, O_RDWR | O_CREAT | O_EXCL | kLockFlags, mode));
}

int make_fifo(int at, const char* path, mode_t mode, bool exact) noexcept {
  const FileMask mask(exact);
  return ::mkfifoat(at, path, mode) == 0 ? 0 : errno;
}

Result<HeldLock> hold_lock(int at, const char* path, mode_t mode, LockKind kind, bool exact) {
  UniqueFd fd;
  if (exact) {
    fd.reset(::openat(at, path, O_RDWR | O_CREAT | O_EXCL | kLockFlags, mode));
    if (fd && ::fchmod(fd.get(), mode) != 0) return error_here("change mode of", path);
  }
  if (!fd) fd = open_lock(at, path, mode);
  if (!fd) return error_here("open", path);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return error_here("stat", path);
  if (!S_ISREG(st.st_mode)) return error_here("open", path, ENXIO);
  if (take_lock(fd.get(), kind) != 0) return error_here("lock", path, errno == EACCES ? EAGAIN : errno);
  if (st.st_nlink > 1) {
    // A kindred of old gave all services one file: whoever held it would hold the others' names too.
    fd = part_from_other_names(at, path, st, kind);
    if (!fd) return error_here("replace", path);
  }
  return HeldLock(std::move(fd));
}

Result<UniqueFd> hold_reader(int at, const char* path, mode_t mode, bool exact) {
  struct stat st;
  const int why = make_fifo(at, path, mode, exact);
  bool made = why == 0;
  if (!made && why != EEXIST) return error_here("create", path, why);
  if (!made && ::fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISFIFO(st.st_mode) &&
      st.st_nlink > 1) {
    // As with locks: a reader of one would be a reader of all.
    ::unlinkat(at, path, 0);
    made = ::mkfifoat(at, path, 0600) == 0;
    if (!made) return error_here("replace", path);
    (void)!::fchownat(at, path, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW);
    (void)::fchmodat(at, path, st.st_mode & 07777, 0);
  }
  UniqueFd fd = open_no_planted_link(at, path, O_RDONLY);
  if (!fd) return error_here("open", path);
  if (!exact) return fd;
  if (::fstat(fd.get(), &st) != 0) return error_here("stat", path);
  if (S_ISFIFO(st.st_mode) && st.st_uid == ::geteuid() && (st.st_mode & 07777) != mode &&
      ::fchmod(fd.get(), mode) != 0)
    return error_here("change mode of", path);
  return fd;
}

}  // namespace kindred
