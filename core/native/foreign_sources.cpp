// What kindred convert reads besides service directories. One row a source.

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/definition/convert.h"
#include "core/definition/procfile.h"
#include "core/definition/service_files.h"
#include "core/definition/supervisord.h"
#include "core/definition/systemd_service.h"
#include "core/definition/unit_name.h"
#include "core/native/convert.h"
#include "core/sys/files.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

constexpr std::size_t kLongestFile = 1 << 20;

/// In full, as losses are to name it.
std::string full_path(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path full = std::filesystem::absolute(path, failed);
  return failed ? path : full.lexically_normal().string();
}

/// A unit, or a configuration, may be a link to one.
Result<SourceFile> read_source(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return error_here("open", path);
  struct stat st;
  if (::fstat(file.get(), &st) == -1) return error_here("read", path);
  if (!S_ISREG(st.st_mode)) return Error{0, "read what is no file:", path};
  auto text = read_beginning(file.get(), path, kLongestFile + 1);
  if (!text) return text.error();
  if (text->size() > kLongestFile) return Error{EFBIG, "read", path};
  return SourceFile{path, std::move(*text), {}};
}

/// Each *.conf of UNIT.d, in order.
Status add_drop_ins(const std::string& directory, const std::string& unit, std::vector<SourceFile>& files) {
  for (const std::string& name : directory_names(AT_FDCWD, directory.c_str())) {
    if (!name.ends_with(".conf")) continue;
    auto file = read_source(directory + "/" + name);
    if (!file) return file.error();
    file->unit = unit;
    files.push_back(std::move(*file));
  }
  return ok();
}

/// The unit, or its template, with the drop-ins of both. Errors: ENOENT where there is neither.
Status add_unit(const std::string& place, const UnitName& name, std::vector<SourceFile>& files) {
  const bool instance = name.instance && !name.instance->empty();
  auto file = read_source(place + name.full());
  if (!file && file.error().code == ENOENT && instance) file = read_source(place + name.template_file());
  if (!file) return file.error();
  file->unit = name.full();
  files.push_back(std::move(*file));
  if (instance)
    if (Status done = add_drop_ins(place + name.template_file() + ".d", name.full(), files); !done)
      return done;
  return add_drop_ins(place + name.full() + ".d", name.full(), files);
}

/// A service has its socket beside it, and a socket its service.
Result<std::vector<ReadDefinition>> read_unit(const std::string& given) {
  const std::string path = full_path(given);
  const std::string place = path.substr(0, path.rfind('/') + 1);
  const UnitName name = parse_unit_name(file_name(path));
  std::vector<SourceFile> files;
  if (const Status done = add_unit(place, name, files); !done) return done.error();
  const bool socket = name.suffix == ".socket";
  if (socket || name.suffix == ".service") {
    const UnitName other{name.prefix, name.instance, socket ? ".service" : ".socket"};
    const Status done = add_unit(place, other, files);
    if (!done && (done.error().code != ENOENT || socket)) return done.error();
  }
  return read_systemd_units(files);
}

Result<std::vector<ReadDefinition>> read_configuration(const std::string& path) {
  auto file = read_source(full_path(path));
  if (!file) return file.error();
  return read_supervisord(std::vector{std::move(*file)});
}

Result<std::vector<ReadDefinition>> read_procfile(const std::string& given) {
  const std::string path = full_path(given);
  auto file = read_source(path);
  if (!file) return file.error();
  std::vector<SourceFile> files = {std::move(*file)};
  auto variables = read_source(path.substr(0, path.rfind('/') + 1) + ".env");
  if (!variables && variables.error().code != ENOENT) return variables.error();
  if (variables) files.push_back(std::move(*variables));
  return read_procfiles(files);
}

/// A source directory, or one service of it: that has a file that says of what type it is.
Result<std::vector<ReadDefinition>> read_sources(const DefinitionCodec& family, const std::string& given) {
  const std::string path = full_path(given);
  struct stat st;
  const bool single = ::stat((path + "/type").c_str(), &st) == 0 && S_ISREG(st.st_mode);
  std::vector<DirectoryContent> services;
  std::vector<std::vector<Loss>> unread;
  const auto load = [&](const std::string& from) -> Status {
    auto content = load_service(from, unread.emplace_back());
    if (!content) return content.error();
    content->name = file_name(from);
    services.push_back(std::move(*content));
    return ok();
  };
  if (single) {
    if (const Status done = load(path); !done) return done.error();
  } else {
    const auto directory = open_directory(AT_FDCWD, path.c_str());
    if (!directory) return directory.error();
    for (const std::string& name : directory_names(directory->get(), ".")) {
      const std::string below = path + "/" + name;
      if (name.starts_with('.') || ::stat(below.c_str(), &st) != 0 || !S_ISDIR(st.st_mode)) continue;
      if (const Status done = load(below); !done) return done.error();
    }
  }
  std::vector<ReadDefinition> all = family.read_sources(services);
  for (std::size_t i = 0; i < services.size(); ++i) {
    auto own = std::find_if(all.begin(), all.end(), [&](const ReadDefinition& read) {
      return read.definition.name == services[i].name;
    });
    if (own == all.end()) own = all.begin();
    own->losses.insert(own->losses.end(), unread[i].begin(), unread[i].end());
  }
  return all;
}

std::vector<ForeignSource> all_sources() {
  std::vector<ForeignSource> all = {
      {"procfile", read_procfile}, {"supervisord", read_configuration}, {"systemd", read_unit}};
  for (const DefinitionCodec* const family : definition_codecs())
    if (family->sources != nullptr)
      all.push_back({family->sources,
                     [family](const std::string& path) { return read_sources(*family, path); }, family});
  return all;
}

}  // namespace

std::span<const ForeignSource> foreign_sources() {
  static const std::vector<ForeignSource> kAll = all_sources();
  return kAll;
}

}  // namespace kindred
