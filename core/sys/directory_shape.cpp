#include "core/sys/directory_shape.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "core/sys/directory_entries.h"

namespace kindred {
namespace {

enum class As : std::uint8_t { Name, Anything, Directory, Scripts, Executable, Link };

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
    {"service", &DirectoryShape::service_dir, As::Scripts},
    {"log", &DirectoryShape::log, As::Name},
    {"log", &DirectoryShape::log_dir, As::Directory},
    {"log", &DirectoryShape::log_executable, As::Executable},
    {"supervise", &DirectoryShape::supervise_link, As::Link},
};

/// Whether a service's scripts are in it; a directory of services has directories only, whatever their names.
bool has_scripts(int directory, const std::string& name) {
  constexpr const char* kScripts[] = {"run", "start", "stop", "restart"};
  return std::any_of(std::begin(kScripts), std::end(kScripts), [&](const char* script) {
    struct stat st;
    return ::fstatat(directory, (name + "/" + script).c_str(), &st, 0) == 0 && !S_ISDIR(st.st_mode);
  });
}

/// Links count for what they lead to, but where one is looked for.
bool is(int directory, const char* name, unsigned char type, As as) {
  if (as == As::Name) return true;
  if (as == As::Scripts) return has_scripts(directory, name);
  // What the directory itself says of its entries is enough for most; not every file system does.
  if (type == DT_DIR) return as == As::Anything || as == As::Directory;
  if (type == DT_REG && as != As::Executable) return as == As::Anything;
  struct stat st;
  if (::fstatat(directory, name, &st, as == As::Link ? AT_SYMLINK_NOFOLLOW : 0) != 0) return false;
  switch (as) {
    case As::Name:
    case As::Scripts:
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
  if (::lseek(directory, 0, SEEK_SET) != 0) return shape;
  // Names are read and not asked for one by one: few of them are there, and thousands of services start at
  // once.
  (void)for_each_entry(
      directory, [&](const char* name, unsigned char type) { add_to_shape(shape, directory, name, type); });
  return shape;
}

void add_to_shape(DirectoryShape& shape, int directory, const char* name, unsigned char type) {
  for (const Known& known : kKnown)
    if (known.name == name) shape.*known.seen = is(directory, name, type, known.as);
}

}  // namespace kindred
