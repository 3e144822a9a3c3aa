// kindred convert: service directories of one family become another's, and what does not carry over is told.

#include "core/native/convert.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/definition/convert.h"
#include "core/definition/service_files.h"
#include "core/dialect/registry.h"
#include "core/native/command_line.h"
#include "core/native/subcommands.h"
#include "core/sys/directory_shape.h"
#include "core/sys/files.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

constexpr std::string_view kProgram = "kindred convert";

struct Wishes {
  std::string from, to;
  bool check = false, json = false;
  std::vector<std::string> paths;
};

std::string names_of_families() {
  std::string names;
  for (const DefinitionCodec* const codec : definition_codecs())
    names += (names.empty() ? "" : ", ") + std::string(codec->family);
  return names;
}

CommandLine command_line(Wishes& wishes) {
  std::string sources = "a family";
  for (const ForeignSource& source : foreign_sources()) sources += ", " + std::string(source.name);
  CommandLine line{std::string(kProgram),
                   "kindred convert [--from SOURCE] --to FAMILY [--check] [--json] SRC ... DST",
                   "Writes each service directory SRC as DST/NAME, as FAMILY's own tools run it, and\n"
                   "tells what does not carry over. Exits 0 where nothing is lost, 1 where something\n"
                   "is, 111 where nothing was done."};
  line.options.add_options()("from", options::value(&wishes.from)->value_name("SOURCE"),
                             (sources + "; without it, what the directory's shape says").c_str())(
      "to", options::value(&wishes.to)->value_name("FAMILY"), names_of_families().c_str())(
      "check", options::bool_switch(&wishes.check), "only tell; there is no DST")(
      "json", options::bool_switch(&wishes.json), "for machines; the schema is in kindred-convert(1)");
  return line;
}

/// Empty: the words are right.
std::string complaint(const Wishes& wishes) {
  if (find_codec(wishes.to) == nullptr) return "--to is one of " + names_of_families();
  if (!wishes.from.empty() && find_codec(wishes.from) == nullptr) {
    std::string names = names_of_families();
    bool is_one = false;
    for (const ForeignSource& each : foreign_sources()) {
      is_one = is_one || wishes.from == each.name;
      names += std::string(", ") + each.name;
    }
    if (!is_one) return "--from is one of " + names;
  }
  if (wishes.check) return wishes.paths.empty() ? "SRC is missing" : "";
  return wishes.paths.size() < 2 ? "SRC or DST is missing" : "";
}

/// The last component of a path, whatever slashes it ends with; that of where it leads for "." and the like.
std::string name_of(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  std::string name = path.substr(path.rfind('/') + 1);
  if (name == "." || name == ".." || name.empty())
    if (const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); directory) {
      const std::string physical = physical_path(directory.get());
      name = physical.substr(physical.rfind('/') + 1);
    }
  return name;
}

Result<std::vector<ConvertedService>> read_family(const Wishes& wishes, const std::string& path,
                                                  const DefinitionCodec& to) {
  const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return error_here("open", path);
  if (!shape_of(directory.get(), families()).has_script) return Error{0, "find a script to run in", path};
  std::vector<Loss> losses;
  auto content = load_service(path, losses);
  if (!content) return content.error();
  content->name = name_of(path);
  const DefinitionCodec* const from =
      wishes.from.empty() ? home_codec(directory.get(), *content) : find_codec(wishes.from);
  if (from == nullptr) return Error{0, "say whose it is, with --from:", path};
  ReadDefinition read = from->read(*content);
  if (!read.definition.run && !read.definition.start && !read.definition.finish)
    return Error{0, "find a script to run in", path};
  read.losses.insert(read.losses.begin(), losses.begin(), losses.end());
  return std::vector{
      ConvertedService{content->name, from->family, to.family, write_definition(read, from, to)}};
}

Result<std::vector<ConvertedService>> read_foreign(const ForeignSource& source, const std::string& path,
                                                   const DefinitionCodec& to) {
  const auto read = source.read(path);
  if (!read) return read.error();
  std::vector<ConvertedService> services;
  for (const ReadDefinition& each : *read)
    services.push_back(
        {each.definition.name, source.name, to.family, write_definition(each, source.family, to)});
  return services;
}

/// All of them come into DST at the end, or none: they are written beside it, or in it under a name that no scanner
/// takes for a service's.
class Destination {
 public:
  explicit Destination(std::string path) : path_(std::move(path)) {}
  ~Destination() {
    if (!temporary_.empty()) remove_tree(AT_FDCWD, temporary_.c_str());
  }
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;

  Status write(std::span<const ConvertedService> services) {
    while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
    struct stat st;
    exists_ = ::stat(path_.c_str(), &st) == 0;
    if (exists_ && !S_ISDIR(st.st_mode)) return error_here("use as a directory", path_, ENOTDIR);
    for (const ConvertedService& service : services)
      if (const std::string there = path_ + "/" + service.name; exists_ && ::lstat(there.c_str(), &st) == 0)
        return error_here("make", there, EEXIST);
    const std::size_t slash = path_.rfind('/');
    const std::string place = exists_                      ? path_ + "/"
                              : slash == std::string::npos ? "./"
                                                           : path_.substr(0, slash + 1);
    std::string name = place + ".kindred-convert.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) return error_here("make a directory in", place);
    temporary_ = name;
    const auto directory = open_directory(AT_FDCWD, temporary_.c_str());
    if (!directory) return directory.error();
    for (const ConvertedService& service : services)
      if (Status stored = store_service(directory->get(), service.name, service.written.content); !stored) {
        Error error = stored.error();
        error.object = path_ + "/" + service.name + (error.object == service.name ? "" : "/" + error.object);
        return error;
      }
    return exists_ ? move_each(services) : move_all();
  }

 private:
  Status move_all() {
    if (::chmod(temporary_.c_str(), 0755) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0)
      return error_here("make", path_);
    temporary_.clear();
    return ok();
  }

  Status move_each(std::span<const ConvertedService> services) {
    std::vector<std::string> moved;
    for (const ConvertedService& service : services) {
      const std::string there = path_ + "/" + service.name;
      if (::renameat2(AT_FDCWD, (temporary_ + "/" + service.name).c_str(), AT_FDCWD, there.c_str(),
                      RENAME_NOREPLACE) == 0) {
        moved.push_back(there);
        continue;
      }
      const Error error = error_here("make", there);
      for (const std::string& each : moved) remove_tree(AT_FDCWD, each.c_str());
      return error;
    }
    return ok();
  }

  std::string path_;
  bool exists_ = false;
  std::string temporary_;
};

Status convert_all(Wishes& wishes, std::vector<ConvertedService>& services) {
  const DefinitionCodec& to = *find_codec(wishes.to);
  const auto all = foreign_sources();
  const auto foreign = std::find_if(all.begin(), all.end(),
                                    [&](const ForeignSource& each) { return wishes.from == each.name; });
  std::string destination;
  if (!wishes.check) {
    destination = wishes.paths.back();
    wishes.paths.pop_back();
  }
  std::set<std::string> names;
  for (const std::string& path : wishes.paths) {
    auto read = foreign != all.end() ? read_foreign(*foreign, path, to) : read_family(wishes, path, to);
    if (!read) return read.error();
    for (ConvertedService& service : *read) {
      if (!names.insert(service.name).second) return error_here("write twice", service.name, EEXIST);
      services.push_back(std::move(service));
    }
  }
  return wishes.check ? ok() : Destination(destination).write(services);
}

}  // namespace

int convert_main(int argc, char** argv) {
  Wishes wishes;
  const CommandLine line = command_line(wishes);
  if (const auto code = read_words(line, argc, argv, wishes.paths)) return *code;
  if (const std::string problem = complaint(wishes); !problem.empty()) return usage_error(line, problem);
  Output out;
  std::vector<ConvertedService> services;
  if (const Status done = convert_all(wishes, services); !done) return fatal(kProgram, done.error());
  out.add(wishes.json ? render_losses_json(services) : render_losses(services));
  if (const Status written = out.flush(); !written) return fatal(kProgram, written.error());
  const bool lost = std::any_of(services.begin(), services.end(),
                                [](const ConvertedService& each) { return !each.written.losses.empty(); });
  return lost ? 1 : 0;
}

}  // namespace kindred
