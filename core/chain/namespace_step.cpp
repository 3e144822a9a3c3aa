#include "core/chain/namespace_step.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cerrno>

namespace kindred {
namespace {

/// Makes the directory a mount of its own, with the rights that it has, and this one besides or no more.
/// Errors: errno; 0 also for what is not there.
int remount(const char* path, bool read_only) {
  struct statvfs fs {};
  if (::statvfs(path, &fs) == -1) return errno == ENOENT ? 0 : errno;
  if (::mount(path, path, nullptr, MS_BIND | MS_REC, nullptr) == -1) return errno;
  // What is left out would be allowed again.
  unsigned long flags = MS_REMOUNT | MS_BIND;
  if ((fs.f_flag & ST_NOSUID) != 0) flags |= MS_NOSUID;
  if ((fs.f_flag & ST_NODEV) != 0) flags |= MS_NODEV;
  if ((fs.f_flag & ST_NOEXEC) != 0) flags |= MS_NOEXEC;
  if ((fs.f_flag & ST_NOATIME) != 0) flags |= MS_NOATIME;
  if ((fs.f_flag & ST_NODIRATIME) != 0) flags |= MS_NODIRATIME;
  if ((fs.f_flag & ST_RELATIME) != 0) flags |= MS_RELATIME;
  if (read_only) flags |= MS_RDONLY;
  return ::mount(nullptr, path, nullptr, flags, nullptr) == -1 ? errno : 0;
}

}  // namespace

Status apply_step(const MakeReadOnly& step, ProcessState&) {
  // First those that stay as they are: below a read-only mount they are mounts of their own already.
  for (const bool read_only : {false, true})
    for (const std::string& path : read_only ? step.paths : step.but)
      if (const int error = remount(path.c_str(), read_only); error != 0)
        return error_here(read_only ? "make read-only" : "keep writable", path, error);
  return ok();
}

Status apply_step(const LeaveNamespaces& step, ProcessState&) {
  if (step.kinds != 0 && ::unshare(step.kinds) == -1) return error_here("unshare", "");
  return ok();
}

Status apply_step(const SetPropagation& step, ProcessState&) {
  const unsigned long flags = step.recursive ? step.kind | MS_REC : step.kind;
  if (::mount("none", step.path.c_str(), nullptr, flags, nullptr) == -1)
    return error_here("change the mount", step.path);
  return ok();
}

}  // namespace kindred
