#include "core/chain/namespace_step.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "core/sys/private_mounts.h"

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

/// One that nobody else may enter, with one in it in which everybody may write.
Status replace_temporary(const std::string& path) {
  struct stat st;
  if (::stat(path.c_str(), &st) == -1 && errno == ENOENT) return ok();
  std::string outer = path + "/private-fs.XXXXXX";
  if (::mkdtemp(outer.data()) == nullptr) return error_here("create", outer);
  const std::string inner = outer + "/tmp";
  constexpr mode_t kMode = 01777;
  Status done = ok();
  if (::mkdir(inner.c_str(), kMode) == -1 || ::chmod(inner.c_str(), kMode) == -1)
    done = error_here("create", inner);
  else if (::mount(inner.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == -1)
    done = error_here("mount", path);
  if (!done) {
    static_cast<void>(::rmdir(inner.c_str()));
    static_cast<void>(::rmdir(outer.c_str()));
  }
  return done;
}

Status hide(const std::string& path) {
  struct stat st;
  if (::stat(path.c_str(), &st) == -1) return errno == ENOENT ? ok() : error_here("hide", path);
  if (S_ISDIR(st.st_mode)) return mount_memory(path, "mode=755,size=4k", MS_RDONLY);
  if (::mount("/dev/null", path.c_str(), nullptr, MS_BIND, nullptr) == -1) return error_here("hide", path);
  return ok();
}

}  // namespace

Status apply_step(const MakePrivate& step, ProcessState&) {
  // The system's own /tmp is where the new /dev is made.
  if (step.devices)
    if (Status done = replace_devices(); !done) return done;
  if (step.temporary)
    for (const char* const path : {"/tmp", "/var/tmp"})
      if (Status done = replace_temporary(path); !done) return done;
  for (const std::string& path : step.hidden)
    if (Status done = hide(path); !done) return done;
  return ok();
}

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
