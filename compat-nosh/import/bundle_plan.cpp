#include "compat-nosh/import/bundle_plan.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr const char* kServiceDirectory = "service";
constexpr mode_t kDirectoryMode = 0755, kScriptMode = 0755, kFlagMode = 0400;

/// A directory within, which may be there. Errors: object: what `path` says.
Result<UniqueFd> directory_in(int at, const std::string& name, const std::string& path) {
  if (mkdirat(at, name.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return error_here("make", path);
  Result<UniqueFd> directory = open_directory(at, name.c_str());
  if (!directory) return error_here("open", path, directory.error().code);
  return directory;
}

Status write_flag(int at, const std::string& name, bool is_there) {
  if (!is_there)
    return unlinkat(at, name.c_str(), 0) == 0 || errno == ENOENT ? ok() : error_here("remove", name);
  const UniqueFd file(
      openat(at, name.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, kFlagMode));
  struct stat st;
  // One that is there already may not be ours to write.
  if (!file && fstatat(at, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return error_here("make", name);
  return ok();
}

Status write_service(int at, const BundlePlan& plan) {
  for (const auto& [name, text] : plan.scripts) {
    const int code =
        replace_file(at, ("." + name + ".new").c_str(), name.c_str(),
                     {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, kScriptMode);
    if (code != 0) return error_here("write", name, code);
  }
  for (const auto& [name, is_there] : plan.flags)
    if (const Status done = write_flag(at, name, is_there); !done) return done;
  return ok();
}

/// In the place of what has the name: never without one in between.
Status write_link(int at, const BundlePlan::Link& link) {
  const std::string temporary = "." + link.name + ".new";
  static_cast<void>(unlinkat(at, temporary.c_str(), 0));
  if (symlinkat(link.text.c_str(), at, temporary.c_str()) != 0) return error_here("make", link.name);
  if (renameat(at, temporary.c_str(), at, link.name.c_str()) == 0) return ok();
  const int code = errno;
  static_cast<void>(unlinkat(at, temporary.c_str(), 0));
  return error_here("make", link.name, code);
}

}  // namespace

Status write_bundle(const std::string& root, const BundlePlan& plan, IfThere if_there) {
  const std::string path = root + "/" + plan.name;
  const auto within = [&](const std::string& directory, const Status& status) {
    return Error{status.error().code, status.error().operation,
                 path + (directory.empty() ? "" : "/" + directory) + "/" + status.error().object};
  };
  if (mkdir(path.c_str(), kDirectoryMode) != 0 && (errno != EEXIST || if_there == IfThere::IsAnError))
    return error_here("make", path);
  const Result<UniqueFd> bundle = open_directory(AT_FDCWD, path.c_str());
  if (!bundle) return error_here("open", path, bundle.error().code);
  const auto service = directory_in(bundle->get(), kServiceDirectory, path + "/" + kServiceDirectory);
  if (!service) return service.error();
  for (const char* const name : {"after", "before", "wants", "expects", "requires", "conflicts", "wanted-by",
                                 "required-by", "stopped-by"})
    if (const auto made = directory_in(bundle->get(), name, path + "/" + name); !made) return made.error();
  if (const Status done = write_service(service->get(), plan); !done) return within(kServiceDirectory, done);
  for (const BundlePlan::Link& link : plan.links) {
    if (link.directory.empty()) {
      if (const Status done = write_link(bundle->get(), link); !done) return within("", done);
      continue;
    }
    const auto directory = directory_in(bundle->get(), link.directory, path + "/" + link.directory);
    if (!directory) return directory.error();
    if (const Status done = write_link(directory->get(), link); !done) return within(link.directory, done);
  }
  return ok();
}

}  // namespace kindred::nosh
