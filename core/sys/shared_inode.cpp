#include "core/sys/shared_inode.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace kindred {
namespace {

int take_lock(int fd, LockKind kind) {
  if (kind == LockKind::Flock) return ::flock(fd, LOCK_EX | LOCK_NB);
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &whole);
}

mode_t current_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

}  // namespace

bool SharedInodes::link_to_anchor(int at, const char* path, bool is_fifo, mode_t mode, IfThere if_there) {
  const std::string temporary = std::string(path) + ".new";
  const char* name = if_there == IfThere::Replace ? temporary.c_str() : path;
  for (Anchor& anchor : anchors_) {
    if (anchor.is_fifo != is_fifo || anchor.mode != mode) continue;
    char self[40];
    std::snprintf(self, sizeof self, "/proc/self/fd/%d", anchor.fd.get());
    if (if_there == IfThere::Replace) ::unlinkat(at, name, 0);
    // Fails on another file system, and where the inode has as many links as it can.
    if (::linkat(AT_FDCWD, self, at, name, AT_SYMLINK_FOLLOW) != 0) continue;
    if (if_there == IfThere::Leave) return true;
    const bool renamed = ::renameat(at, name, at, path) == 0;
    // rename does nothing where both names are one inode already.
    ::unlinkat(at, name, 0);
    if (renamed) return true;
  }
  return false;
}

Result<HeldFile> SharedInodes::lock(int at, const char* path, mode_t mode, LockKind kind, bool exact) {
  HeldFile held;
  held.shared = true;
  held.exact_mode = exact;
  if (link_to_anchor(at, path, false, mode, IfThere::Leave)) return held;
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  UniqueFd fd;
  // One that is there already keeps the mode that somebody gave it.
  if (exact) fd.reset(::openat(at, path, kFlags | O_EXCL, mode));
  if (fd && ::fchmod(fd.get(), mode) != 0) return error_here("change mode of", path);
  if (!fd) fd.reset(::openat(at, path, kFlags, mode));
  if (!fd) return error_here("open", path);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return error_here("stat", path);
  // The file that is there now must be free; only then may it be replaced by a link to one that we hold.
  if (take_lock(fd.get(), kind) != 0) return error_here("lock", path, errno == EACCES ? EAGAIN : errno);
  if (link_to_anchor(at, path, false, mode, IfThere::Replace)) return held;
  if (st.st_nlink > 1) {
    // Links that a supervisor before us left behind: holding them would hold their other names too.
    const std::string temporary = std::string(path) + ".new";
    ::unlinkat(at, temporary.c_str(), 0);
    fd.reset(::openat(at, temporary.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd || (exact && ::fchmod(fd.get(), st.st_mode & 07777) != 0) || take_lock(fd.get(), kind) != 0 ||
        ::renameat(at, temporary.c_str(), at, path) != 0)
      return error_here("replace", path);
  }
  anchors_.push_back(Anchor{false, mode, std::move(fd)});
  return held;
}

Result<HeldFile> SharedInodes::listen(int at, const char* path, mode_t mode, bool exact) {
  const mode_t effective = exact ? mode : mode & ~current_umask();
  HeldFile held;
  held.shared = true;
  held.exact_mode = exact;
  if (link_to_anchor(at, path, true, effective, IfThere::Leave)) return held;
  struct stat st;
  const bool exists = ::fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
  const bool ordinary = exists && S_ISFIFO(st.st_mode) && (exact || (st.st_mode & 07777) == effective) &&
                        st.st_uid == ::geteuid();
  // Where whoever made the FIFO waits for its reader, it must stay the one that it is.
  const bool replaceable = ordinary && !exact;
  if (replaceable && link_to_anchor(at, path, true, effective, IfThere::Replace)) return held;
  if (ordinary && st.st_nlink > 1) ::unlinkat(at, path, 0);
  if ((!exists || ordinary) && ::mkfifoat(at, path, mode) != 0 && errno != EEXIST)
    return error_here("create", path);
  UniqueFd fd(::openat(at, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | (exact ? O_NOFOLLOW : 0)));
  if (!fd) return error_here("open", path);
  if (::fstat(fd.get(), &st) != 0) return error_here("stat", path);
  const bool ours = S_ISFIFO(st.st_mode) && st.st_uid == ::geteuid();
  if (exact && ours && ::fchmod(fd.get(), effective) != 0) return error_here("change mode of", path);
  if (!exists || replaceable) {
    anchors_.push_back(Anchor{true, effective, std::move(fd)});
  } else {
    held.shared = false;
    held.own = std::move(fd);
  }
  return held;
}

void SharedInodes::release(int at, const char* path, mode_t mode, HeldFile held, bool is_fifo) noexcept {
  if (!held.shared) return;
  char temporary[300];
  if (std::snprintf(temporary, sizeof temporary, "%s.new", path) >= static_cast<int>(sizeof temporary))
    return;
  ::unlinkat(at, temporary, 0);
  if (is_fifo) {
    if (::mkfifoat(at, temporary, mode) != 0) return;
  } else {
    UniqueFd fd(::openat(at, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!fd) return;
  }
  if (held.exact_mode) ::fchmodat(at, temporary, mode, 0);
  if (::renameat(at, temporary, at, path) != 0) ::unlinkat(at, temporary, 0);
}

}  // namespace kindred
