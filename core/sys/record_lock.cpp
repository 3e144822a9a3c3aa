#include "core/sys/record_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

struct flock whole_file(short kind) {
  struct flock whole {};
  whole.l_type = kind;
  whole.l_whence = SEEK_SET;
  return whole;
}

}  // namespace

Result<bool> is_locked(int at, const char* path) {
  const UniqueFd fd(::openat(at, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC));
  if (!fd) return error_here("open", path);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return error_here("stat", path);
  if (!S_ISREG(st.st_mode)) return error_here("open", path, EINVAL);
  return is_locked(fd.get(), std::string_view(path));
}

Result<bool> is_locked(int fd, std::string_view name) {
  struct flock whole = whole_file(F_RDLCK);
  // As an open file description of its own: a lock that this very process holds elsewhere is seen, too.
  if (::fcntl(fd, F_OFD_GETLK, &whole) != 0) return error_here("ask for the lock of", name);
  return whole.l_type != F_UNLCK;
}

Status take_record_lock(int fd, std::string_view name) {
  struct flock whole = whole_file(F_WRLCK);
  if (::fcntl(fd, F_SETLK, &whole) == 0) return ok();
  return error_here("lock", name, errno == EACCES ? EAGAIN : errno);
}

Result<pid_t> record_lock_owner(int fd, std::string_view name) {
  struct flock whole = whole_file(F_RDLCK);
  if (::fcntl(fd, F_GETLK, &whole) != 0) return error_here("ask for the lock of", name);
  return whole.l_type == F_UNLCK || whole.l_pid < 0 ? 0 : whole.l_pid;
}

}  // namespace kindred
