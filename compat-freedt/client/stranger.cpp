#include "compat-freedt/client/stranger.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "core/sys/record_lock.h"

namespace kindred::freedt {
namespace {

/// Of either kind: which one it takes is not known.
bool is_held(const ServiceDirectory& directory, const char* path) {
  const Result<bool> record = is_locked(directory.fd(), path);
  if (!record) return false;
  if (*record) return true;
  const UniqueFd lock(openat(directory.fd(), path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  return lock && flock(lock.get(), LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK;
}

}  // namespace

bool held_by_stranger(const ServiceDirectory& directory, const KnownFamilies& families) {
  const auto there = [&](const char* path) {
    const Result<bool> found = directory.has(path);
    return found && *found;
  };
  return there("supervise/control") && there("supervise/status") && !there("supervise/ok") &&
         directory.supervisor(families) == &families.home && is_held(directory, "supervise/lock");
}

}  // namespace kindred::freedt
