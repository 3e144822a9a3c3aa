#include "core/run/room.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

#include "core/sys/private_mounts.h"

namespace kindred {
namespace {

/// mount_setattr(2) of Linux 5.12, which the C library need not have.
struct MountAttributes {
  std::uint64_t set = 0, clear = 0, propagation = 0, namespace_fd = 0;
};
constexpr long kMountSetattr = 442;
constexpr std::uint64_t kReadOnly = 1;
constexpr unsigned kRecursive = 0x8000;

struct OptionalPath {
  std::string path;
  bool may_be_missing;
};
OptionalPath parse_path(std::string_view text) {
  const bool optional = text.starts_with('-');
  if (optional) text.remove_prefix(1);
  if (text.starts_with('+')) text.remove_prefix(1);  // relative to the root, as all are here
  return {std::string(text), optional};
}

bool is_there(const std::string& path) {
  struct stat st;
  return ::lstat(path.c_str(), &st) == 0;
}

/// With all that is mounted below.
Status set_read_only(const std::string& path, bool read_only) {
  MountAttributes attributes;
  (read_only ? attributes.set : attributes.clear) = kReadOnly;
  if (::syscall(kMountSetattr, AT_FDCWD, path.c_str(), kRecursive, &attributes, sizeof attributes) == -1)
    return error_here(read_only ? "make read-only" : "keep writable", path);
  return ok();
}

/// A mount of its own, so that it can have rights of its own.
Status part(const std::string& path) {
  if (::mount(path.c_str(), path.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == -1)
    return error_here("mount", path);
  return ok();
}

Status protect(const std::string& path) {
  if (Status done = part(path); !done) return done;
  return set_read_only(path, true);
}

/// Nothing is to be seen, whatever it is.
Status hide(const std::string& path) {
  struct stat st;
  if (::lstat(path.c_str(), &st) == -1) return error_here("hide", path);
  if (S_ISDIR(st.st_mode)) return mount_memory(path, "mode=000,size=4k", MS_RDONLY | MS_NOEXEC);
  if (::mount("/dev/null", path.c_str(), nullptr, MS_BIND, nullptr) == -1) return error_here("hide", path);
  return ok();
}

Status use_homes(Room::Homes homes) {
  if (homes == Room::Homes::There) return ok();
  for (const char* const path : {"/home", "/root", "/run/user"}) {
    if (!is_there(path)) continue;
    const Status done = homes == Room::Homes::ReadOnly ? protect(path)
                        : homes == Room::Homes::Empty  ? mount_memory(path, "mode=755,size=4k", MS_RDONLY)
                                                       : hide(path);
    if (!done) return done;
  }
  return ok();
}

Status use_system(const Room& room) {
  if (room.system == Room::System::Writable) return ok();
  if (room.system == Room::System::Strict) {
    // These hold no files: what may be written there is said by others.
    for (const char* const path : {"/dev", "/proc", "/sys"})
      if (is_there(path))
        if (Status done = part(path); !done) return done;
    if (Status done = set_read_only("/", true); !done) return done;
    for (const char* const path : {"/dev", "/proc", "/sys"})
      if (is_there(path))
        if (Status done = set_read_only(path, false); !done && done.error().code != EPERM) return done;
    return ok();
  }
  for (const char* const path : {"/usr", "/boot", "/efi", "/etc"}) {
    const bool wanted = path != std::string_view("/etc") || room.system == Room::System::Full;
    if (wanted && is_there(path))
      if (Status done = protect(path); !done) return done;
  }
  return ok();
}

Status protect_kernel(const Room& room) {
  if (room.tunables_read_only)
    for (const char* const path :
         {"/proc/sys", "/proc/sysrq-trigger", "/proc/acpi", "/proc/fs", "/proc/irq", "/proc/bus", "/sys"})
      if (is_there(path))
        if (Status done = protect(path); !done) return done;
  if (room.groups_read_only && is_there("/sys/fs/cgroup")) return protect("/sys/fs/cgroup");
  return ok();
}

Status use_paths(const std::vector<std::string>& paths, Status (*use)(const std::string&)) {
  for (const std::string& text : paths) {
    const OptionalPath path = parse_path(text);
    if (path.may_be_missing && !is_there(path.path)) continue;
    if (Status done = use(path.path); !done) return done;
  }
  return ok();
}

Status keep_writable(const std::string& path) {
  if (Status done = part(path); !done) return done;
  return set_read_only(path, false);
}

}  // namespace

bool Room::is_wanted() const { return *this != Room{{}, {}, {}, {}, {}, {}, {}, writable, {}}; }

Status enter_room(const Room& room) {
  if (!room.is_wanted()) return ok();
  if (::unshare(CLONE_NEWNS) == -1) return error_here("have", "a mount namespace of its own");
  // What the system mounts is still seen; what is mounted here is not.
  if (::mount(nullptr, "/", nullptr, MS_SLAVE | MS_REC, nullptr) == -1)
    return error_here("change the mount", "/");
  if (room.private_devices)
    if (Status done = replace_devices(); !done) return done;
  if (Status done = use_system(room); !done) return done;
  if (Status done = use_homes(room.homes); !done) return done;
  if (Status done = protect_kernel(room); !done) return done;
  if (Status done = use_paths(room.read_only, protect); !done) return done;
  if (Status done = use_paths(room.writable, keep_writable); !done) return done;
  if (room.private_tmp)
    for (const char* const path : {"/tmp", "/var/tmp"})
      if (is_there(path))
        if (Status done = mount_memory(path, "mode=1777", 0); !done) return done;
  return use_paths(room.hidden, hide);
}

}  // namespace kindred
