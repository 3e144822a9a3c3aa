#include "core/engine/directory_shape.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>

namespace kindred {
namespace {

enum class As : std::uint8_t { Name, Anything, Directory, Executable, Link };

struct Known {
  std::string_view name;
  bool DirectoryShape::*seen;
  As as = As::Anything;
};

constexpr Known kKnown[] = {
    {"run", &DirectoryShape::run},
    {"finish", &DirectoryShape::finish},
    {"check", &DirectoryShape::check},
    {"conf", &DirectoryShape::conf},
    {"start", &DirectoryShape::start},
    {"stop", &DirectoryShape::stop},
    {"restart", &DirectoryShape::restart},
    {"notify", &DirectoryShape::notify},
    {"no-setsid", &DirectoryShape::no_setsid},
    {"type", &DirectoryShape::type_file},
    {"notification-fd", &DirectoryShape::notification_fd},
    {"timeout-kill", &DirectoryShape::timeout_kill},
    {"rc.main", &DirectoryShape::rc_main},
    {"rc.log", &DirectoryShape::rc_log},
    {"control", &DirectoryShape::control_dir, As::Directory},
    {"data", &DirectoryShape::data_dir, As::Directory},
    {"event", &DirectoryShape::event_dir, As::Directory},
    {"service", &DirectoryShape::service_dir, As::Directory},
    {"log", &DirectoryShape::log, As::Name},
    {"log", &DirectoryShape::log_dir, As::Directory},
    {"log", &DirectoryShape::log_executable, As::Executable},
    {"supervise", &DirectoryShape::supervise_link, As::Link},
};

/// Links count for what they lead to, but where one is looked for.
bool is(int directory, const dirent64& entry, As as) {
  const char* const name = entry.d_name;
  if (as == As::Name) return true;
  // What the directory itself says of its entries is enough for most; not every file system does.
  if (entry.d_type == DT_DIR || entry.d_type == DT_REG) {
    if (as == As::Anything) return true;
    if (as != As::Executable) return as == As::Directory && entry.d_type == DT_DIR;
  }
  struct stat st;
  if (::fstatat(directory, name, &st, as == As::Link ? AT_SYMLINK_NOFOLLOW : 0) != 0) return false;
  switch (as) {
    case As::Name:
    case As::Anything:
      return true;
    case As::Directory:
      return S_ISDIR(st.st_mode);
    case As::Executable:
      return S_ISREG(st.st_mode) && (st.st_mode & S_IXUSR) != 0;
    case As::Link:
      return S_ISLNK(st.st_mode);
  }
  return false;
}

}  // namespace

DirectoryShape shape_of(int directory) {
  DirectoryShape shape;
  struct stat st;
  shape.sticky = ::fstat(directory, &st) == 0 && (st.st_mode & S_ISVTX) != 0;
  // Names are read and not asked for one by one: few of them are there, and thousands of services start at
  // once.
  alignas(dirent64) char entries[2048];
  if (::lseek(directory, 0, SEEK_SET) != 0) return shape;
  for (;;) {
    const ssize_t size = ::getdents64(directory, entries, sizeof entries);
    if (size <= 0) return shape;
    for (ssize_t at = 0; at < size;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(entries + at);
      at += entry->d_reclen;
      for (const Known& known : kKnown)
        if (known.name == entry->d_name) shape.*known.seen = is(directory, *entry, known.as);
    }
  }
}

}  // namespace kindred
