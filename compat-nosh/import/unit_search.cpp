#include "compat-nosh/import/unit_search.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <vector>

#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr std::size_t kLongestUnit = 1 << 20;
constexpr const char* kSystemdPlaces[] = {"/etc/systemd/",     "/usr/local/lib/systemd/", "/run/systemd/",
                                          "/usr/lib/systemd/", "/lib/systemd/",           "systemd/"};

/// A unit may be a link to one. What is not a regular file is an error without a code.
Result<std::string> read_unit(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return error_here("open", path);
  struct stat st;
  if (fstat(file.get(), &st) != 0) return error_here("read", path);
  if (!S_ISREG(st.st_mode)) return Error{0, "Not a regular file.", path};
  Result<std::string> text = read_beginning(file.get(), path, kLongestUnit + 1);
  if (text && text->size() > kLongestUnit) return Error{EFBIG, "read", path};
  return text;
}

struct FoundUnit {
  UnitSettings settings;
  std::string directory;
  std::string sources;
};

/// Each NAME.d/*.conf, as if appended.
Status append_snippets(const std::string& directory, std::string& sources, UnitFile& unit) {
  for (const std::string& name : directory_names(AT_FDCWD, directory.c_str())) {
    if (!name.ends_with(".conf")) continue;
    const std::string path = directory + name;
    const Result<std::string> text = read_unit(path);
    if (!text) return text.error();
    unit.append(parse_unit_file(*text, path));
    sources += " and " + path;
  }
  return ok();
}

/// The unit itself, or its template. Errors: ENOENT where the directory has neither.
Result<FoundUnit> read_unit_in(const std::string& directory, const UnitName& name) {
  std::string path = directory + name.full();
  Result<std::string> text = read_unit(path);
  if (!text && text.error().code == ENOENT && name.instance) {
    const std::string template_path = directory + name.template_file();
    text = read_unit(template_path);
    if (!text && text.error().code == ENOENT) return error_here("open", path, ENOENT);
    path = template_path;
  }
  if (!text) return text.error();
  UnitFile unit = parse_unit_file(*text, path);
  std::string sources = path;
  if (const Status done = append_snippets(path + ".d/", sources, unit); !done) return done.error();
  const std::string own = directory + name.full();
  if (own != path)
    if (const Status done = append_snippets(own + ".d/", sources, unit); !done) return done.error();
  return FoundUnit{UnitSettings(path, std::move(unit)), directory, sources};
}

}  // namespace

Result<UnitParts> find_unit(std::string_view argument, bool per_user) {
  const std::size_t slash = argument.rfind('/');
  std::vector<std::string> directories;
  if (slash != std::string_view::npos)
    directories.emplace_back(argument.substr(0, slash + 1));
  else
    for (const char* const place : kSystemdPlaces)
      directories.push_back(std::string(place) + (per_user ? "user/" : "system/"));
  const UnitName name =
      parse_unit_name(slash == std::string_view::npos ? argument : argument.substr(slash + 1));
  Result<FoundUnit> found = error_here("open", name.full(), ENOENT);
  for (const std::string& directory : directories) {
    found = read_unit_in(directory, name);
    if (found || found.error().code != ENOENT) break;
  }
  if (!found && found.error().code == ENOENT && slash == std::string_view::npos)
    return error_here("open", name.full(), ENOENT);
  if (!found) return found.error();
  const bool socket = name.suffix == ".socket", timer = name.suffix == ".timer";
  if (!socket && !timer) return UnitParts{name, std::move(found->settings), {}, {}, found->sources};

  UnitName for_service{name.prefix, name.instance, ".service"};
  if (socket && accepts(found->settings) && !for_service.instance) for_service.instance = "";
  auto service = read_unit_in(found->directory, for_service);
  if (!service) return service.error();
  UnitParts parts{name, std::move(service->settings), {}, {}, found->sources + " and " + service->sources};
  (socket ? parts.socket : parts.timer) = std::move(found->settings);
  return parts;
}

}  // namespace kindred::nosh
