#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "core/client/age.h"
#include "core/client/service_directory.h"
#include "core/client/survey.h"
#include "core/client/translate.h"
#include "core/dialect/registry.h"
#include "core/dialect/scan_rules.h"
#include "core/native/status.h"
#include "core/service/describe.h"
#include "core/sys/directory_shape.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

struct CloseList {
  void operator()(DIR* list) const { closedir(list); }
};
struct Free {
  void operator()(char* text) const { std::free(text); }
};

bool is_file(int directory, const char* name) {
  struct stat st;
  return fstatat(directory, name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

bool is_there(int at, const char* name) {
  struct stat st;
  // A dangling link counts: runit's `supervise` often is one.
  return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool process_exists(std::int32_t pid) { return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM); }

/// What "." and ".." and "../web" are called.
std::string last_component(const std::string& path) {
  std::string last = path.substr(path.rfind('/') + 1);
  if (!last.empty() && last != "." && last != "..") return last;
  const std::unique_ptr<char, Free> real(realpath(path.c_str(), nullptr));
  const std::string_view resolved = real ? std::string_view(real.get()) : std::string_view();
  const std::string_view name = resolved.substr(resolved.rfind('/') + 1);
  return name.empty() ? path : std::string(name);
}

std::string join(const std::string& directory, std::string_view name) {
  std::string path = directory;
  if (!path.ends_with('/')) path += '/';
  return path.append(name);
}

class Gatherer {
 public:
  explicit Gatherer(std::span<const Dialect* const> families) : surveyor_(families) {
    for (const Dialect* family : families)
      if (tells_ready(*family)) tellers_.push_back(family);
  }

  void look(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    Result<ServiceDirectory> directory = ServiceDirectory::open(AT_FDCWD, path.c_str());
    if (!directory) {
      complain(path, "open", directory.error());
    } else if (is_service(*directory, path)) {
      surveyor_.enter(AT_FDCWD);
      add_service(path.c_str(), last_component(path), path);
    } else {
      look_through(*directory, path);
    }
  }

  StatusReport take() { return std::move(report_); }

 private:
  [[nodiscard]] const KnownFamilies& families() const { return surveyor_.families(); }

  /// Whether there is what makes a directory a service in some family.
  bool has_marks(int directory) const {
    if (is_file(directory, "run") || is_there(directory, families().home.layout.directory)) return true;
    // Less than this speaks for anything that is a directory.
    constexpr int kClearly = 50;
    const UniqueFd list(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!list) return false;
    const DirectoryShape shape = shape_of(list.get(), families().all);
    return std::ranges::any_of(families().all,
                               [&](const Dialect* family) { return family->shape(shape) >= kClearly; });
  }

  /// A directory of services may have one whose name is a mark; `service` and `log` are a service's own parts.
  bool is_service(const ServiceDirectory& directory, const std::string& path) {
    if (!has_marks(directory.fd())) return false;
    if (is_file(directory.fd(), "run")) return true;
    return std::ranges::none_of(names_in(directory, path), [&](const std::string& name) {
      if (name == "service" || name == "log") return false;
      const Result<ServiceDirectory> below = ServiceDirectory::open(directory.fd(), name.c_str());
      return below && has_marks(below->fd());
    });
  }

  void look_through(const ServiceDirectory& scan_directory, const std::string& path) {
    const std::size_t told = report_.services.size() + report_.errors.size();
    surveyor_.enter(scan_directory.fd());
    for (const std::string& name : names_in(scan_directory, path))
      add_service(name.c_str(), name, join(path, name));
    // Who asks about a directory is told something of it.
    if (report_.services.size() + report_.errors.size() == told)
      report_.errors.push_back({path, "find a service in", "there is none"});
  }

  std::vector<std::string> names_in(const ServiceDirectory& scan_directory, const std::string& path) {
    std::vector<std::string> names;
    UniqueFd fd(openat(scan_directory.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, CloseList> list(fd ? fdopendir(fd.get()) : nullptr);
    if (!list) {
      complain(path, "open", error_here("open", path));
      return names;
    }
    (void)fd.release();
    for (errno = 0; const dirent* entry = readdir(list.get()); errno = 0) {
      const bool may_be_directory =
          entry->d_type == DT_DIR || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
      if (may_be_directory && is_service_name(entry->d_name)) names.emplace_back(entry->d_name);
    }
    if (errno != 0) complain(path, "read", error_here("read", path));
    std::sort(names.begin(), names.end());
    return names;
  }

  /// `where` is relative to what the surveyor has entered.
  void add_service(const char* where, std::string name, const std::string& path) {
    const Result<ServiceSurvey> survey = surveyor_.look(where);
    if (!survey) {
      // Links lead to files, too.
      if (survey.error().code != ENOTDIR) complain(path, "open", survey.error());
      return;
    }
    for (const Error& trouble : survey->troubles) complain(path, trouble);
    ServiceRow row{std::move(name), path, state_of(survey->main), std::nullopt, {}, {}};
    row.main.awaits_ready = survey->shape.tells_ready;
    if (survey->log) row.log = state_of(*survey->log);
    const Dialect* const written = written_for(families().all, survey->shape);
    if (written != nullptr) row.written_for = written->name;
    if (survey->main.supervisor != nullptr && survey->main.supervisor->by_hand != nullptr)
      row.by_hand = survey->main.supervisor->by_hand;
    report_.services.push_back(std::move(row));
  }

  [[nodiscard]] ServiceState state_of(const ProcessSurvey& seen) const {
    ServiceState state;
    state.supervision = seen.supervision;
    state.normally_up = seen.normally_up;
    if (!seen.status) return state;
    state.family = seen.supervisor->name;
    state.record = seen.status->snapshot.main;
    state.phase_known = seen.status->phase_known;
    state.tells_ready = std::ranges::find(tellers_, seen.supervisor) != tellers_.end();
    if (seen.supervision == Supervision::Stale) state.pid_alive = liveness(*state.record);
    return state;
  }

  static std::optional<bool> liveness(const StatusRecord& record) {
    if (record.pid == 0) return std::nullopt;
    return process_exists(record.pid);
  }

  void complain(const std::string& path, std::string_view operation, const Error& error) {
    report_.errors.push_back({path, std::string(operation), std::string(why(error))});
  }
  /// The error's object is relative to the service.
  void complain(const std::string& path, const Error& error) {
    complain(join(path, error.object), error.operation, error);
  }

  Surveyor surveyor_;
  std::vector<const Dialect*> tellers_;
  StatusReport report_;
};

}  // namespace

StatusReport gather_status(std::span<const std::string> directories,
                           std::span<const Dialect* const> families) {
  Gatherer gatherer(families);
  for (const std::string& directory : directories) gatherer.look(directory);
  return gatherer.take();
}

namespace {

std::optional<Deaths> deaths_of(const ServiceRow& row, const Dialect& family, WallTime now) {
  const DeathTally& tally = family.layout.tally;
  if (tally.name == nullptr || tally.decode == nullptr) return std::nullopt;
  const std::string path = row.path + "/" + family.layout.directory + "/" + tally.name;
  const Result<std::string> file = read_file(AT_FDCWD, path.c_str(), tally.record_size * tally.most_ever);
  if (!file || file->size() % tally.record_size != 0) return std::nullopt;
  Deaths deaths{.count = file->size() / tally.record_size, .oldest = now, .lately = 0};
  for (std::size_t i = 0; i < deaths.count; ++i) {
    const ByteView record(reinterpret_cast<const std::uint8_t*>(file->data()) + i * tally.record_size,
                          tally.record_size);
    const WallTime at = tally.decode(record).first;
    if (i == 0) deaths.oldest = at;
    if (at <= now && age_in_seconds(at, now) < static_cast<std::uint64_t>(kLately)) ++deaths.lately;
  }
  return deaths;
}

void add_usage(ServiceState& state, const HostProcesses& processes) {
  if (state.supervision == Supervision::Live && state.record && state.record->pid > 0)
    state.usage = processes.usage_below(state.record->pid);
}

}  // namespace

void add_details(StatusReport& report, std::span<const Dialect* const> families,
                 const HostProcesses& processes, WallTime now) {
  for (ServiceRow& row : report.services) {
    add_usage(row.main, processes);
    if (row.log) add_usage(*row.log, processes);
    if (const Dialect* family = find_family(families, row.main.family))
      row.main.deaths = deaths_of(row, *family, now);
  }
}

std::string_view phase_word(const ServiceState& state) {
  return state.phase_known ? phase_word(state.record->phase) : "unknown";
}

std::string_view state_word(const ServiceState& state) {
  switch (state.supervision) {
    case Supervision::Unknown:
      return "unknown";
    case Supervision::None:
      return "unsupervised";
    case Supervision::Stale:
      return "stale";
    case Supervision::Live:
      return state.record ? phase_word(state) : "unknown";
  }
  return "unknown";
}

std::optional<WallTime> state_since(const ServiceState& state) {
  constexpr std::int64_t kYear10000 = 253402300800;
  constexpr std::uint32_t kSecond = 1000000000;
  if (!state.record) return std::nullopt;
  WallTime since = state.record->pid_changed;
  if (since.seconds < 0 || since.seconds >= kYear10000) return std::nullopt;
  if (since.nanos >= kSecond) since.nanos = kSecond - 1;
  return since;
}

}  // namespace kindred
