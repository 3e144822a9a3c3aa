#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "core/client/service_directory.h"
#include "core/client/translate.h"
#include "core/dialect/registry.h"
#include "core/dialect/scan_rules.h"
#include "core/engine/directory_shape.h"
#include "core/native/status.h"

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
  explicit Gatherer(std::span<const Dialect* const> families) : families_{no_family(), families} {
    for (const Dialect* family : families)
      if (tells_ready(*family)) tellers_.push_back(family);
  }

  void look(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    Result<ServiceDirectory> directory = ServiceDirectory::open(AT_FDCWD, path.c_str());
    if (!directory)
      complain(path, "open", directory.error());
    else if (is_service(*directory, path))
      add_service(*directory, last_component(path), path);
    else
      look_through(*directory, path);
  }

  StatusReport take() { return std::move(report_); }

 private:
  /// Whether there is what makes a directory a service in some family.
  bool has_marks(int directory) const {
    if (is_file(directory, "run") || is_there(directory, families_.home.layout.directory)) return true;
    // Less than this speaks for anything that is a directory.
    constexpr int kClearly = 50;
    const UniqueFd list(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!list) return false;
    const DirectoryShape shape = shape_of(list.get());
    return std::ranges::any_of(families_.all,
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
    for (const std::string& name : names_in(scan_directory, path)) {
      const std::string service_path = join(path, name);
      const Result<ServiceDirectory> directory = ServiceDirectory::open(scan_directory.fd(), name.c_str());
      if (directory)
        add_service(*directory, name, service_path);
      else if (directory.error().code != ENOTDIR)
        complain(service_path, "open", directory.error());
    }
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

  void add_service(const ServiceDirectory& directory, std::string name, const std::string& path) {
    std::optional<StatusRecord> told_log;
    ServiceRow row{std::move(name), path, observe(directory, path, &told_log), std::nullopt};
    std::string log_place = "log";
    // Where the log of a family that has no directory for it is found.
    const std::string place_in_main = std::string(families_.home.layout.directory) + "/log";
    struct stat st;
    if (::fstatat(directory.fd(), (place_in_main + "/supervise").c_str(), &st, 0) == 0)
      log_place = place_in_main;
    const std::string log_path = join(path, log_place);
    if (told_log) {
      row.log = row.main;
      row.log->record = *told_log;
      row.log->phase_known = true;
      if (row.main.supervision == Supervision::Stale) row.log->pid_alive = liveness(*told_log);
    } else if (fstatat(directory.fd(), log_place.c_str(), &st, 0) == 0 && S_ISDIR(st.st_mode)) {
      const Result<ServiceDirectory> log = ServiceDirectory::open(directory.fd(), log_place.c_str());
      if (log) {
        row.log = observe(*log, log_path, nullptr);
      } else {
        complain(log_path, "open", log.error());
        row.log = ServiceState{};
      }
    }
    if (const Dialect* family = family_without_records(directory);
        family != nullptr && !row.main.family.empty()) {
      row.main.family = family->name;
      if (row.log && !row.log->family.empty()) row.log->family = family->name;
    }
    report_.services.push_back(std::move(row));
  }

  /// The family for which the directory was written, where that keeps no record in it: the one that is there
  /// is its supervisor's. Null for all others.
  const Dialect* family_without_records(const ServiceDirectory& directory) const {
    const UniqueFd list(openat(directory.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!list) return nullptr;
    const DirectoryShape shape = shape_of(list.get());
    const Dialect* family = family_of_shape(families_.all, shape);
    return family != nullptr && !shape.run && family->layout.directory == nullptr ? family : nullptr;
  }

  /// `log`: takes what the same record says of a log process.
  ServiceState observe(const ServiceDirectory& directory, const std::string& path,
                       std::optional<StatusRecord>* log) {
    ServiceState state;
    const Result<bool> down = directory.normally_down(*directory.supervisor(families_));
    if (down)
      state.normally_up = !*down;
    else
      complain(path, down.error());

    // Before the record: one that is read while a supervisor lives is not older than that.
    const Result<bool> lives = supervisor_lives(directory);
    if (!lives) {
      complain(path, lives.error());
      return state;
    }
    state.supervision = *lives ? Supervision::Live : Supervision::Stale;
    const Result<Observation> seen = directory.observe(families_);
    if (seen) {
      state.family = seen->supervisor->name;
      state.record = seen->status.snapshot.main;
      state.phase_known = seen->status.phase_known;
      state.tells_ready = std::ranges::find(tellers_, seen->supervisor) != tellers_.end();
      if (!*lives) state.pid_alive = liveness(*state.record);
      if (log != nullptr) *log = seen->status.snapshot.log;
    } else if (!*lives && (seen.error().code == ENOENT || seen.error().code == ENOTDIR)) {
      state.supervision = Supervision::None;
    } else {
      complain(path, seen.error());
    }
    return state;
  }

  /// ServiceDirectory::supervised() takes the family's view, in which anything that can be opened for writing
  /// will do; a file that somebody put in the FIFO's place is no supervisor.
  Result<bool> supervisor_lives(const ServiceDirectory& directory) const {
    const SuperviseLayout& layout = directory.supervisor(families_)->layout;
    if (layout.door != nullptr) return directory.supervised(layout);
    const bool has_ok = layout.ok != nullptr;
    const std::string path = std::string(layout.directory) + "/" + (has_ok ? layout.ok : layout.lock);
    struct stat st;
    if (fstatat(directory.fd(), path.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0)
      return (has_ok ? S_ISFIFO(st.st_mode) : S_ISREG(st.st_mode)) ? directory.supervised(layout) : false;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return error_here("open", path);
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

  KnownFamilies families_;
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

std::string_view phase_word(const ServiceState& state) {
  if (!state.phase_known) return "unknown";
  switch (state.record->phase) {
    case Phase::Stopped:
      return "down";
    case Phase::Waiting:
      return "waiting";
    case Phase::Starting:
      return "starting";
    case Phase::Started:
      return "started";
    case Phase::Running:
      return "run";
    case Phase::Finishing:
      return "finish";
    case Phase::Stopping:
      return "stopping";
    case Phase::Failed:
      return "failed";
  }
  return "unknown";
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
