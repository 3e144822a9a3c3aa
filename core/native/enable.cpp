// kindred enable, disable: whether a service is to run from the next start of its supervisor on, in its family's own way.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "core/native/command_line.h"
#include "core/native/subcommands.h"
#include "core/native/targets.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

constexpr mode_t kDownFileMode = 0644;

class Marking {
 public:
  Marking(std::string program, bool enable) : program_(std::move(program)), enable_(enable) {}

  void mark(const Target& target) {
    const Result<ServiceSurvey> seen = target.look(surveyor_);
    if (!seen) return fail(target.label, seen.error());
    const Dialect& family = family_of(*seen);
    struct stat st;
    const bool is_link =
        ::fstatat(target.place.get(), target.service.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(st.st_mode);
    switch (family.scan.enabled_by) {
      case EnabledBy::StickyBit:
        return mark_by_bit(target);
      case EnabledBy::Link:
        if (is_link && !enable_) return unlink(target);
        [[fallthrough]];
      case EnabledBy::NoDownFile:
        return mark_by_file(target, family);
    }
  }

  /// A service directory that is in no scan directory yet.
  void link(const std::string& definition, const std::vector<std::string>& places) {
    const std::string name = definition.substr(definition.rfind('/') + 1);
    if (places.empty()) return fail(definition, error_here("find", "a scan directory", ENOENT));
    const std::string path = places.front() + "/" + name;
    if (::symlink(definition.c_str(), path.c_str()) != 0)
      return fail(name, error_here("link to it as", path));
    tell(printable(name), "enabled: " + printable(path) + " is a link to it");
  }

  [[nodiscard]] int failures() const { return failures_; }

 private:
  /// Its supervisor's way, else that of the family for which it was written.
  const Dialect& family_of(const ServiceSurvey& seen) const {
    const Dialect* const written = written_for(families(), seen.shape);
    // A family that keeps nothing in service directories is seen there by another's record.
    if (written != nullptr && written->layout.directory == nullptr) return *written;
    if (seen.main.supervisor != nullptr) return *seen.main.supervisor;
    return written != nullptr ? *written : no_family();
  }

  void tell(const std::string& label, const std::string& what) {
    out_.add(label).add(": ").add(what).add("\n");
  }
  void fail(const std::string& label, const Error& error) {
    ++failures_;
    print_error({program_, ": ", printable(label), ": unable to ", error.operation, " ",
                 printable(error.object), ": ", why(error)});
  }

  void mark_by_bit(const Target& target) {
    const UniqueFd directory(
        ::openat(target.place.get(), target.service.name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat st;
    if (!directory || ::fstat(directory.get(), &st) != 0)
      return fail(target.label, error_here("open", target.service.path()));
    const mode_t mode = enable_ ? st.st_mode | S_ISVTX : st.st_mode & ~static_cast<mode_t>(S_ISVTX);
    if (mode == st.st_mode) return tell(target.label, enable_ ? "is enabled" : "is disabled");
    if (::fchmod(directory.get(), mode & 07777U) != 0)
      return fail(target.label, error_here("chmod", target.service.path()));
    tell(target.label,
         enable_ ? "enabled: its directory is sticky" : "disabled: its directory is not sticky");
  }

  void mark_by_file(const Target& target, const Dialect& family) {
    const Result<ServiceDirectory> directory =
        ServiceDirectory::open(target.place.get(), target.service.name.c_str());
    if (!directory) return fail(target.label, directory.error());
    const std::string file = directory->down_file(family);
    if (enable_) {
      if (::unlinkat(directory->fd(), file.c_str(), 0) == 0)
        return tell(target.label, "enabled: " + file + " is removed");
      if (errno != ENOENT) return fail(target.label, error_here("remove", file));
      return tell(target.label, "is enabled");
    }
    const UniqueFd made(
        ::openat(directory->fd(), file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kDownFileMode));
    if (made) return tell(target.label, "disabled: there is a file " + file);
    if (errno != EEXIST) return fail(target.label, error_here("create", file));
    tell(target.label, "is disabled");
  }

  void unlink(const Target& target) {
    if (::unlinkat(target.place.get(), target.service.name.c_str(), 0) != 0)
      return fail(target.label, error_here("remove", target.service.path()));
    tell(target.label, "disabled: the link " + printable(target.service.path()) + " is removed");
  }

  std::string program_;
  bool enable_;
  Surveyor surveyor_{families()};
  Output out_;
  int failures_ = 0;
};

/// Where a service directory that is not listed yet is found by this word; empty: nowhere.
std::string definition_of(const std::string& word) {
  struct stat st;
  const auto is_one = [&](const std::string& path) {
    return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
  };
  for (const Dialect* family : families())
    if (family->scan.definitions != nullptr && word.find('/') == std::string::npos && is_service_name(word))
      if (const std::string path = std::string(family->scan.definitions) + "/" + word; is_one(path))
        return path;
  // Only what is the same from everywhere may become a link's text.
  return word.starts_with('/') && is_one(word) ? word : std::string();
}

/// Whether one of the places has an entry that leads to this directory.
bool is_listed(const std::string& path, const std::vector<std::string>& places) {
  struct stat st, other;
  if (::stat(path.c_str(), &st) != 0) return false;
  for (const std::string& place : places)
    for (const PlacedService& service : services_in(place))
      if (::stat(service.path().c_str(), &other) == 0 && st.st_dev == other.st_dev &&
          st.st_ino == other.st_ino)
        return true;
  return false;
}

}  // namespace

int enable_main(int argc, char** argv) {
  const bool enable = std::string_view(argv[0]) == "enable";
  const std::string name = enable ? "enable" : "disable";
  CommandLine line{
      .program = "kindred " + name,
      .usage = "kindred " + name + " NAME ...",
      .purpose = enable ? "From its supervisor's next start on, services are started. NAME may be a service\n"
                          "directory that is in no scan directory yet: it is linked into the first there is."
                        : "From its supervisor's next start on, services are not started."};
  TargetWishes wishes;
  if (const auto done = read_words(line, argc, argv, wishes.names)) return *done;
  if (wishes.names.empty()) return usage_error(line, "name services");
  const std::vector<std::string> places = usual_places();
  Marking marking(line.program, enable);
  if (enable)
    std::erase_if(wishes.names, [&](const std::string& word) {
      const bool by_name =
          word.find('/') == std::string::npos && static_cast<bool>(find_services(places, word));
      const std::string definition = by_name ? std::string() : definition_of(word);
      if (definition.empty() || is_listed(definition, places)) return false;
      marking.link(definition, places);
      return true;
    });
  int troubles = 0;
  Surveyor surveyor(families());
  for (const Target& target : find_targets(line.program, wishes, places, surveyor, troubles))
    marking.mark(target);
  return troubles + marking.failures() == 0 ? 0 : kExitFatal;
}

}  // namespace kindred
