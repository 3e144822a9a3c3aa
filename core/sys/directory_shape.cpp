#include "core/sys/directory_shape.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "core/sys/directory_entries.h"

namespace kindred {
namespace {

/// Whether that entry bears this mark. Links count for what they lead to, but where one is looked for.
bool bears(int directory, const std::string_view name, unsigned char type, const char* mark) {
  const std::string_view text = mark;
  if (!text.starts_with(name)) return false;
  const std::string_view sign = text.substr(name.size());
  // A file may be called "log*".
  if (sign.empty() && (text.ends_with('*') || text.ends_with('@'))) return false;
  const bool inner = sign.size() > 1 && sign.front() == '/';
  if (sign.size() > 1 && !inner) return false;
  struct stat st;
  // A directory of services has directories only, whatever their names.
  if (inner) return ::fstatat(directory, mark, &st, 0) == 0 && !S_ISDIR(st.st_mode);
  // What the directory itself says of its entries is enough for most; not every file system does.
  const char kind = sign.empty() ? '\0' : sign.front();
  if (type == DT_DIR) return kind == '\0' || kind == '/';
  if (type == DT_REG && kind != '*') return kind == '\0';
  const std::string path(name);
  if (::fstatat(directory, path.c_str(), &st, kind == '@' ? AT_SYMLINK_NOFOLLOW : 0) != 0) return false;
  switch (kind) {
    case '\0':
      return true;
    case '/':
      return S_ISDIR(st.st_mode);
    case '*':
      return S_ISREG(st.st_mode) && (st.st_mode & S_IXUSR) != 0;
    case '@':
      return S_ISLNK(st.st_mode);
    default:
      return false;
  }
}

}  // namespace

DirectoryShape shape_of(int directory, std::span<const Dialect* const> families) {
  DirectoryShape shape;
  struct stat st;
  shape.sticky = ::fstat(directory, &st) == 0 && (st.st_mode & S_ISVTX) != 0;
  if (::lseek(directory, 0, SEEK_SET) != 0) return shape;
  // Names are read and not asked for one by one: few of them are there, and thousands of services start at
  // once.
  (void)for_each_entry(directory, [&](const char* name, unsigned char type) {
    add_to_shape(shape, directory, name, type, families);
  });
  return shape;
}

void add_to_shape(DirectoryShape& shape, int directory, const char* name, unsigned char type,
                  std::span<const Dialect* const> families) {
  // A log beside its service is what scanners and clients know themselves.
  if (std::string_view(name) == "log") {
    shape.log = true;
    if (bears(directory, name, type, "log/")) shape.add("log/");
  }
  for (const Dialect* family : families)
    for (const auto* marks : {&family->scripts, &family->marks})
      for (const char* mark : *marks) {
        if (!shape.has(mark) && !bears(directory, name, type, mark)) continue;
        shape.add(mark);
        shape.has_script = shape.has_script || marks == &family->scripts;
        if (family->ready_mark != nullptr && std::string_view(mark) == family->ready_mark)
          shape.tells_ready = true;
      }
}

}  // namespace kindred
