#include "core/client/survey.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "core/dialect/registry.h"
#include "core/sys/directory_entries.h"
#include "core/sys/directory_shape.h"

namespace kindred {
namespace {

/// Less than this speaks for anything that is a directory.
constexpr int kClearly = 50;

bool exists(int at, const std::string& path) {
  struct stat st;
  return ::fstatat(at, path.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool is_directory(int at, const char* path) {
  struct stat st;
  return ::fstatat(at, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/// Whether one of the files that were listed may keep the service from being started by itself.
bool may_be_down(const Dialect& supervisor, const std::vector<std::string>& listed) {
  const char* const file = supervisor.convention.main.down_file;
  if (file == nullptr) return false;
  return supervisor.convention.service_directory != nullptr ||
         std::find(listed.begin(), listed.end(), file) != listed.end();
}

void complain(std::vector<Error>& troubles, std::string_view place, Error error) {
  error.object.insert(0, place);
  troubles.push_back(std::move(error));
}

void ask_what_is_normal(ProcessSurvey& seen, const ServiceDirectory& service, const Dialect& supervisor,
                        std::string_view place, std::vector<Error>& troubles) {
  if (const Result<bool> down = service.normally_down(supervisor))
    seen.normally_up = !*down;
  else
    complain(troubles, place, down.error());
}

/// Where nothing is in the place of what tells of a supervisor, or something that none has made, there is none.
Result<bool> lives(const SuperviseLook& look) {
  if (look.supervised) return look.genuine && *look.supervised;
  const int code = look.supervised.error().code;
  const bool refused = code == EACCES || code == EPERM;
  if (code == ENOENT || code == ENOTDIR || (!look.genuine && !refused)) return false;
  return look.supervised.error();
}

}  // namespace

Surveyor::Surveyor(std::span<const Dialect* const> families)
    : families_{no_family(), families}, parent_(AT_FDCWD) {}

void Surveyor::enter(int parent) {
  parent_ = parent;
  doors_.clear();
  if (parent == AT_FDCWD) return;
  for (const Dialect* family : families_.all)
    if (family->layout.door != nullptr && exists(parent, family->layout.door->socket))
      doors_.push_back(family);
}

Result<ServiceSurvey> Surveyor::look(const char* name) const {
  ServiceSurvey survey;
  UniqueFd list(::openat(parent_, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const bool listable = static_cast<bool>(list);
  if (!listable && errno != EACCES) return error_here("open", name);
  const int directory = list.get();
  Result<ServiceDirectory> service =
      listable ? ServiceDirectory(std::move(list)) : ServiceDirectory::open(parent_, name);
  struct stat st;
  if (!service) return error_here("open", name, service.error().code);
  if (::fstat(service->fd(), &st) != 0) return error_here("open", name);
  survey.id = {st.st_dev, st.st_ino};
  survey.shape.sticky = (st.st_mode & S_ISVTX) != 0;

  // Only these names matter besides what the shape takes in.
  std::vector<std::string> down_files;
  bool has_event = false;
  if (listable)
    (void)for_each_entry(directory, [&](const char* entry, unsigned char type) {
      const std::string_view seen = entry;
      add_to_shape(survey.shape, directory, entry, type, families_.all);
      has_event = has_event || seen == "event";
      if (std::any_of(families_.all.begin(), families_.all.end(), [&](const Dialect* family) {
            const char* const file = family->convention.main.down_file;
            return file != nullptr && seen == file;
          }))
        down_files.emplace_back(seen);
    });
  else
    survey.shape.log = true;  // perhaps

  const SuperviseLook look = parent_ == AT_FDCWD || !listable
                                 ? service->look(families_)
                                 : service->look(families_, {has_event, parent_, doors_});
  survey.main = judge(look, "", survey.troubles);
  if (!listable || may_be_down(*look.supervisor, down_files))
    ask_what_is_normal(survey.main, *service, *look.supervisor, "", survey.troubles);
  else
    survey.main.normally_up = true;
  look_at_log(survey, *service, look.log_below);
  return survey;
}

ProcessSurvey Surveyor::judge(const SuperviseLook& look, const std::string& place,
                              std::vector<Error>& troubles) {
  ProcessSurvey seen;
  const Result<bool> alive = lives(look);
  if (!alive) {
    complain(troubles, place, alive.error());
    return seen;
  }
  seen.supervision = *alive ? Supervision::Live : Supervision::Stale;
  if (look.status) {
    seen.supervisor = look.supervisor;
    seen.status = *look.status;
  } else if (const int code = look.status.error().code; !*alive && (code == ENOENT || code == ENOTDIR)) {
    seen.supervision = Supervision::None;
  } else {
    complain(troubles, place, look.status.error());
  }
  return seen;
}

void Surveyor::look_at_log(ServiceSurvey& survey, const ServiceDirectory& service, bool below_main) const {
  if (survey.main.status && survey.main.status->snapshot.log) {
    ProcessSurvey& log = survey.log.emplace(survey.main);
    log.status->snapshot.main = *survey.main.status->snapshot.log;
    log.status->phase_known = true;
    return;
  }
  // Where the log of a family that has no directory for it is found.
  const std::string in_main = std::string(families_.home.layout.directory) + "/log";
  if (below_main && is_directory(service.fd(), (in_main + "/supervise").c_str()))
    survey.log_place = in_main;
  else if (survey.shape.has("log/") || (survey.shape.log && is_directory(service.fd(), "log")))
    survey.log_place = "log";
  else
    return;
  ProcessSurvey& log = survey.log.emplace();
  const Result<ServiceDirectory> directory = ServiceDirectory::open(service.fd(), survey.log_place.c_str());
  if (!directory) {
    survey.troubles.push_back(error_here("open", survey.log_place, directory.error().code));
    return;
  }
  const std::string place = survey.log_place + "/";
  const SuperviseLook look = directory->look(families_, {exists(directory->fd(), "event"), -1, {}});
  log = judge(look, place, survey.troubles);
  ask_what_is_normal(log, *directory, *look.supervisor, place, survey.troubles);
}

const Dialect* written_for(std::span<const Dialect* const> families, const DirectoryShape& shape) {
  const Dialect* const family = family_of_shape(families, shape);
  return family != nullptr && family->shape(shape) >= kClearly ? family : nullptr;
}

}  // namespace kindred
