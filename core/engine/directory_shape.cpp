#include "core/engine/directory_shape.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace kindred {
namespace {

struct FileName {
  std::string_view name;
  bool DirectoryShape::*seen;
};

constexpr FileName kFiles[] = {
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
};
constexpr FileName kDirectories[] = {
    {"control", &DirectoryShape::control_dir}, {"data", &DirectoryShape::data_dir},
    {"event", &DirectoryShape::event_dir},     {"service", &DirectoryShape::service_dir},
    {"log", &DirectoryShape::log_dir},
};

void look_at(int directory, const char* name, DirectoryShape& shape) {
  struct stat st;
  // A link counts for what it leads to; but for one, only whether it leads anywhere.
  const bool there = ::fstatat(directory, name, &st, 0) == 0;
  for (const FileName& file : kFiles)
    if (there && file.name == name) shape.*file.seen = true;
  for (const FileName& file : kDirectories)
    if (there && file.name == name && S_ISDIR(st.st_mode)) shape.*file.seen = true;
  if (there && std::strcmp(name, "log") == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IXUSR) != 0)
    shape.log_executable = true;
  if (std::strcmp(name, "supervise") == 0)
    shape.supervise_link =
        ::fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

bool is_known(std::string_view name) {
  for (const FileName& file : kFiles)
    if (file.name == name) return true;
  for (const FileName& file : kDirectories)
    if (file.name == name) return true;
  return name == "supervise";
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
      if (is_known(entry->d_name)) look_at(directory, entry->d_name, shape);
    }
  }
}

}  // namespace kindred
