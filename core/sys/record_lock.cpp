#include "core/sys/record_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "core/sys/unique_fd.h"

namespace kindred {

Result<bool> is_locked(int at, const char* path) {
  const UniqueFd fd(::openat(at, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC));
  if (!fd) return error_here("open", path);
  struct stat st;
  if (::fstat(fd.get(), &st) != 0) return error_here("stat", path);
  if (!S_ISREG(st.st_mode)) return error_here("open", path, EINVAL);
  struct flock whole {};
  whole.l_type = F_RDLCK;
  whole.l_whence = SEEK_SET;
  // As an open file description of its own: a lock that this very process holds elsewhere is seen, too.
  if (::fcntl(fd.get(), F_OFD_GETLK, &whole) != 0) return error_here("ask for the lock of", path);
  return whole.l_type != F_UNLCK;
}

}  // namespace kindred
