#include "core/sys/private_mounts.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

bool is_there(const std::string& path) {
  struct stat st;
  return ::lstat(path.c_str(), &st) == 0;
}

/// A null device is never hidden by itself: what is bound comes from the old /dev.
Status fill_devices(const std::string& devices) {
  for (const char* const name : {"null", "zero", "full", "random", "urandom", "tty", "log"}) {
    const std::string from = std::string("/dev/") + name, to = devices + "/" + name;
    if (!is_there(from)) continue;
    const UniqueFd file(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file || ::mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) == -1)
      return error_here("mount", from);
  }
  for (const char* const name : {"pts", "shm", "mqueue", "hugepages"}) {
    const std::string from = std::string("/dev/") + name, to = devices + "/" + name;
    if (!is_there(from)) continue;
    if (::mkdir(to.c_str(), 0755) == -1 ||
        ::mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == -1)
      return error_here("mount", from);
  }
  struct Link {
    const char* name;
    const char* to;
  };
  for (const Link& link :
       {Link{"fd", "/proc/self/fd"}, Link{"stdin", "/proc/self/fd/0"}, Link{"stdout", "/proc/self/fd/1"},
        Link{"stderr", "/proc/self/fd/2"}, Link{"ptmx", "pts/ptmx"}})
    if (::symlink(link.to, (devices + "/" + link.name).c_str()) == -1) return error_here("make", link.name);
  return ok();
}

}  // namespace

Status mount_memory(const std::string& path, const char* options, unsigned long flags) {
  if (::mount("tmpfs", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | flags, options) == -1)
    return error_here("mount a file system of its own on", path);
  return ok();
}

Status replace_devices() {
  char made[] = "/tmp/kindred-devices.XXXXXX";
  if (::mkdtemp(made) == nullptr) return error_here("make", made);
  const auto replace = [&]() -> Status {
    if (::mount("tmpfs", made, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=4m") == -1)
      return error_here("mount a file system of its own on", "/dev");
    if (Status done = fill_devices(made); !done) return done;
    if (::mount(made, "/dev", nullptr, MS_MOVE, nullptr) == -1) return error_here("move a mount to", "/dev");
    return ok();
  };
  const Status done = replace();
  static_cast<void>(::rmdir(made));
  return done;
}

}  // namespace kindred
