#include "core/native/old_supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "core/sys/files.h"
#include "core/sys/process.h"
#include "core/view/supervise_dir_view.h"

namespace kindred {
namespace {

// What passes is waited for: a start, an end, a control script.
constexpr int kLooks = 300, kPause = 10;  // milliseconds
constexpr const char* kLog = "log";
constexpr const char* kInLog = "log/";

std::optional<FileId> file_id(int at, const std::string& path) {
  struct stat st;
  if (::fstatat(at, path.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return FileId{st.st_dev, st.st_ino};
}

/// The supervisor of this family that works in that directory and holds its lock; pid 0 for none.
NamedProcess supervisor_in(int directory, const Dialect& family, const std::vector<NamedProcess>& processes) {
  const std::optional<FileId> here = file_id(directory, ".");
  const std::optional<FileId> lock =
      file_id(directory, SuperviseDirView(family, Role::Main, directory, "").path(family.layout.lock));
  if (here && lock)
    for (const NamedProcess& process : processes)
      if (process.name == family.scan.supervisor && is_foreign_of_ours(process.pid) &&
          working_directory_of(process.pid) == here && has_open(process.pid, *lock))
        return process;
  return {};
}

RoleFiles files_of(const OldSupervisor& old, Role role, const char* prefix) {
  const int directory = old.directory.get();
  const SuperviseDirView view(*old.family, role, directory, prefix);
  const SuperviseLayout& layout = old.family->layout;
  RoleFiles files{view.left_behind(), file_id(directory, view.path(layout.control)), std::nullopt};
  if (layout.ok != nullptr) files.ok = file_id(directory, view.path(layout.ok));
  return files;
}

Result<TakeoverPlan> plan(const OldSupervisor& old) {
  ForeignSupervisor seen;
  seen.fifos = fifos_of(old.pid);
  seen.children = children_of(old.pid);
  seen.scanners_pipe = old.scanners_pipe;
  seen.main = files_of(old, Role::Main, old.role == Role::Log ? kInLog : "");
  if (old.has_log) seen.log = files_of(old, Role::Log, kInLog);
  return plan_takeover(seen);
}

std::optional<ServiceIdentity> identity_of(const OldSupervisor& old, bool of_log) {
  if (!of_log) return service_identity(old.directory.get());
  const Result<UniqueFd> log = open_directory(old.directory.get(), kLog);
  return log ? service_identity(log->get()) : std::nullopt;
}

}  // namespace

std::string OldSupervisor::label() const { return name + (role == Role::Log ? "/log" : ""); }

std::vector<OldSupervisor> old_supervisors_of(const std::string& name, int directory,
                                              const std::vector<NamedProcess>& processes) {
  std::vector<OldSupervisor> found;
  const Dialect* const family = ServiceDirectory(UniqueFd(::fcntl(directory, F_DUPFD_CLOEXEC, 3)))
                                    .supervisor({no_family(), families()});
  if (family->scan.supervisor == nullptr) return found;
  const auto add = [&](int works_in, Role role, bool has_log) {
    const NamedProcess process = supervisor_in(works_in, *family, processes);
    if (process.pid == 0) return;
    OldSupervisor old;
    old.name = name;
    old.family = family;
    old.directory.reset(::fcntl(directory, F_DUPFD_CLOEXEC, 3));
    old.role = role;
    old.has_log = has_log;
    old.pid = process.pid;
    old.parent = process.parent;
    old.process = open_process(process.pid);
    found.push_back(std::move(old));
  };
  const Result<UniqueFd> log = open_directory(directory, kLog);
  const bool apart = family->scan.pairing == LogPairing::SeparateServices;
  add(directory, Role::Main, log && !apart);
  if (log && apart) add(log->get(), Role::Log, false);
  if (found.size() == 2)
    found[0].scanners_pipe = found[1].scanners_pipe =
        scanners_pipe(fifos_of(found[0].pid), fifos_of(found[1].pid));
  return found;
}

Result<HeldSupervisor> hold(const OldSupervisor& old) {
  // Without a descriptor of it nobody can wait for its end.
  if (!old.process) return Error{ENOSYS, "watch", "process " + std::to_string(old.pid)};
  for (int look = 0;; ++look) {
    Result<HeldStill> held = HeldStill::hold(old.pid);
    if (!held) return held.error();
    Result<TakeoverPlan> planned = plan(old);
    if (planned) return HeldSupervisor{std::move(*held), std::move(*planned)};
    if (planned.error().code != EAGAIN || look == kLooks) return planned.error();
    { const HeldStill goes_on = std::move(*held); }
    ::poll(nullptr, 0, kPause);
  }
}

Result<std::vector<UniqueFd>> open_fifos(const OldSupervisor& old, const TakeoverPlan& plan) {
  std::vector<UniqueFd> fifos;
  for (const TakenFifo& fifo : plan.fifos) {
    Result<UniqueFd> opened = open_fifo_of(old.pid, fifo);
    if (!opened) return opened.error();
    fifos.push_back(std::move(*opened));
  }
  return fifos;
}

Result<std::vector<ForeignRole>> roles_of(const OldSupervisor& old, const TakeoverPlan& plan) {
  std::vector<ForeignRole> roles;
  const auto add = [&](const TakenRole& taken, Role role, bool in_log) {
    const std::optional<ServiceIdentity> service = identity_of(old, in_log);
    if (!service) return false;
    roles.push_back({.service = *service,
                     .role = role,
                     .pid = taken.pid,
                     .start_ticks = taken.start_ticks,
                     .script = taken.script,
                     .want = taken.want,
                     .paused = taken.paused,
                     .ready = taken.ready,
                     .since = taken.since,
                     .pipe = plan.pipe,
                     .ready_pipe = role == Role::Main ? plan.ready_pipe : 0});
    return true;
  };
  if (!add(plan.main, Role::Main, old.role == Role::Log)) return error_here("stat", old.name);
  if (plan.log && !add(*plan.log, Role::Log, true)) return error_here("stat", old.name + "/log");
  return roles;
}

}  // namespace kindred
