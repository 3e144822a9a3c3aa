#include "core/engine/service_group.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "core/engine/messages.h"
#include "core/engine/script_words.h"
#include "core/engine/supervisor.h"
#include "core/sys/files.h"
#include "core/sys/process.h"

namespace kindred {
namespace {

constexpr std::size_t kControlPerTurn = 256;  // bytes of one FIFO before others have their turn
constexpr Duration kRepublishAfter = std::chrono::seconds(1);
// The kernel counts a process's start in hundredths of a second, and the record is written after it.
constexpr Duration kOrphanTolerance = std::chrono::seconds(2);

// Trouble may pass without anything happening to the service; a directory that is gone does not come back.
bool may_pass(int error) { return error != ENOENT; }

}  // namespace

ServiceGroup::ServiceGroup(Supervisor& supervisor, GroupSpec spec)
    : supervisor_(supervisor), spec_(std::move(spec)), main_view_(*spec_.home, Role::Main, nullptr) {
  for (Role role : {Role::Main, Role::Log}) {
    door(role).group = this;
    door(role).role = role;
  }
  republisher_.group = this;
  struct stat st;
  const bool log =
      spec_.home->convention.supervises_log && ::fstatat(directory(), kLogDirectory, &st, 0) == 0;
  if (!log) return;
  if (S_ISDIR(st.st_mode)) {
    machine_.log.emplace();
    log_view_.emplace(*spec_.home, Role::Log, kLogDirectory);
  } else {
    warn({ENOTDIR, "use", "log"});
  }
}

ServiceGroup::~ServiceGroup() { close(); }

Status ServiceGroup::open() {
  SharedInodes& inodes = supervisor_.inodes_;
  if (Status claimed = main_view_.claim(directory(), inodes); !claimed) return claimed;
  if (log_view_) {
    if (Status claimed = log_view_->claim(directory(), inodes); !claimed) return claimed;
  }
  if (Status opened = main_view_.open_control(directory()); !opened) return opened;
  if (log_view_) {
    if (Status opened = log_view_->open_control(directory()); !opened) return opened;
  }
  if (Status watched = supervisor_.loop_.watch(main_view_.control_fd(), door(Role::Main)); !watched)
    return watched;
  if (log_view_) {
    if (Status watched = supervisor_.loop_.watch(log_view_->control_fd(), door(Role::Log)); !watched)
      return watched;
  }
  return ok();
}

Want ServiceGroup::wanted(Role role) const noexcept {
  struct stat st;
  return ::fstatat(directory(), role == Role::Log ? "log/down" : "down", &st, 0) == 0 ? Want::Down : Want::Up;
}

std::optional<event::Adopted> ServiceGroup::orphan(SuperviseDirView& view) noexcept {
  const std::optional<DecodedStatus> left = view.left_behind(directory());
  if (!left) return std::nullopt;
  const StatusRecord& record = left->snapshot.main;
  const bool finishing = record.phase == Phase::Finishing;
  if ((record.phase != Phase::Running && !finishing) || record.pid <= 1) return std::nullopt;
  struct stat home;
  if (::fstatat(directory(), view.role() == Role::Log ? kLogDirectory : ".", &home, 0) != 0)
    return std::nullopt;
  UniqueFd process =
      open_recorded_process(record.pid, record.run_started, kOrphanTolerance, {home.st_dev, home.st_ino});
  if (!process) return std::nullopt;
  auto adopted = std::make_unique<Adopted>();
  adopted->group = this;
  adopted->role = view.role();
  adopted->pid = record.pid;
  adopted->process = std::move(process);
  if (!supervisor_.loop_.watch(adopted->process.get(), *adopted)) return std::nullopt;
  adopted_[static_cast<std::size_t>(view.role())] = std::move(adopted);
  return event::Adopted{.pid = record.pid,
                        .since = record.run_started,
                        .script = finishing ? Script::Finish : Script::Run,
                        .want = wanted(view.role()),
                        .paused = record.paused};
}

Status ServiceGroup::begin() {
  const std::optional<event::Adopted> log_orphan = log_view_ ? orphan(*log_view_) : std::nullopt;
  const std::optional<event::Adopted> main_orphan = orphan(main_view_);
  if (main_orphan && spec_.input) {
    // A log service that is supervised apart: its main, which comes after it, shares this pipe.
    if (UniqueFd pipe = open_pipe_of(main_orphan->pid, 0))
      *spec_.input = InputPipe::take_over(std::move(pipe));
  }
  if (log_view_) {
    if (log_orphan) {
      // What it still reads is the pipe into which main still writes.
      if (UniqueFd pipe = open_pipe_of(log_orphan->pid, 0)) own_pipe_ = InputPipe::take_over(std::move(pipe));
    }
    if (!own_pipe_) {
      Result<InputPipe> pipe = InputPipe::make();
      if (!pipe) return pipe.error();
      own_pipe_ = std::move(*pipe);
    }
  }
  auto start = [&](Role role, const std::optional<event::Adopted>& left) {
    door(role).begun = true;
    if (!left) {
      dispatch(role, event::Begin{wanted(role)});
      return;
    }
    // Nobody is to see it down for a moment.
    (void)step(machine_, role, event::Begin{Want::Down}, spec_.home->convention,
               supervisor_.loop_.clock().now());
    dispatch(role, *left);
  };
  // The log first: what main says at its start must find a reader soon.
  if (log_view_) start(Role::Log, log_orphan);
  start(Role::Main, main_orphan);
  return ok();
}

GroupState ServiceGroup::state() const {
  GroupState state{spec_.name, spec_.home->name, {}, spec_.own_session, machine_};
  if (const Result<DirectoryId> id = identify(directory())) state.id = *id;
  return state;
}

void ServiceGroup::close() noexcept {
  if (closed_) return;
  closed_ = true;
  for (Role role : {Role::Main, Role::Log}) {
    supervisor_.loop_.timers().disarm(door(role));
    if (auto& adopted = adopted_[static_cast<std::size_t>(role)]; adopted && adopted->process)
      supervisor_.loop_.unwatch(adopted->process.get());
    if (!machine_.has(role)) continue;
    // Whatever is left running is nobody's any more.
    for (std::int32_t pid : {machine_.of(role).record.pid, machine_.of(role).custom_pid})
      if (pid > 0) supervisor_.pids_.take(pid);
  }
  supervisor_.loop_.timers().disarm(republisher_);
  auto shut = [&](SuperviseDirView& view) {
    if (view.control_fd() >= 0) supervisor_.loop_.unwatch(view.control_fd());
    view.close(directory(), supervisor_.inodes_);
  };
  shut(main_view_);
  if (log_view_) shut(*log_view_);
  own_pipe_.reset();
  spec_.input.reset();
  spec_.output.reset();
  spec_.directory.reset();
}

void ServiceGroup::command(const ControlCommand& command) noexcept {
  if (machine_.has(command.role)) dispatch(command.role, event::Command{command});
}

void ServiceGroup::shut_down() noexcept {
  if (closed_) return;
  shutdown_wanted_ = true;
  settle();
}

void ServiceGroup::let_end() noexcept {
  command({.verb = Verb::NoRestart});
  if (!closed_) command({.verb = Verb::Exit});
}

void ServiceGroup::on_exit(Role role, std::int32_t pid, ExitStatus status) noexcept {
  // What was asked before the death counts in deciding what follows it.
  drain_control(role);
  if (closed_) return;
  const ServiceMachine& machine = machine_.of(role);
  if (machine.awaiting_custom() && pid == machine.record.pid)
    held_exit_[static_cast<std::size_t>(role)] = event::Exited{pid, status};
  else
    dispatch(role, event::Exited{pid, status});
}

void ServiceGroup::on_timer(Role role) noexcept { dispatch(role, event::TimerFired{}); }

void ServiceGroup::on_control(Role role) noexcept { drain_control(role); }

void ServiceGroup::on_adopted_end(Role role) noexcept {
  std::unique_ptr<Adopted>& adopted = adopted_[static_cast<std::size_t>(role)];
  supervisor_.loop_.unwatch(adopted->process.get());
  adopted->process.reset();
  on_exit(role, adopted->pid, ExitStatus::unknown());
}

void ServiceGroup::drain_control(Role role) noexcept {
  if (closed_ || !machine_.has(role)) return;
  SuperviseDirView& view = view_of(role);
  const bool one_by_one = convention(role).custom_control;
  std::uint8_t bytes[kControlPerTurn];
  std::size_t budget = kControlPerTurn;
  // What is said in one breath is one change, however many commands a flood may bring.
  draining_ = true;
  while (budget > 0 && !closed_ && !machine_.of(role).awaiting_custom()) {
    // A byte may start a script that the next one has to wait for; in the FIFO it waits best.
    const std::size_t got = view.read_control({bytes, one_by_one ? 1 : budget});
    if (got == 0) break;
    budget -= got;
    ControlMode mode = 0;
    for (std::size_t i = 0; i < got && !closed_; ++i) {
      std::optional<ControlCommand> decoded = spec_.home->control.decode(bytes[i], mode);
      if (!decoded) continue;
      if (role == Role::Log) decoded->role = Role::Log;
      command(*decoded);
    }
  }
  draining_ = false;
  flush();
}

void ServiceGroup::dispatch(Role role, Event event) noexcept {
  std::optional<Event> next = event;
  while (next && !closed_) {
    GroupActions answer =
        step(machine_, role, *next, spec_.home->convention, supervisor_.loop_.clock().now());
    next = perform(role, answer.of_role);
    if (answer.close_log_input) own_pipe_.reset();
    if (!answer.of_log.empty()) (void)perform(Role::Log, answer.of_log);
    if (answer.retire) {
      flush();
      supervisor_.retire(*this);
      return;
    }
  }
  settle();
}

std::optional<Event> ServiceGroup::perform(Role role, const Actions& actions) noexcept {
  for (const Action& action : actions) {
    switch (action.kind) {
      case Action::Kind::Publish:
        dirty_ = true;
        break;
      case Action::Kind::Spawn:
        return spawn(role, action.script);
      case Action::Kind::RunCustom:
        return run_custom(role, action.letter);
      case Action::Kind::Kill:
        flush();
        // One that has been reaped is not ours to signal: its number may be another's by now.
        if (const auto& dead = held_exit_[static_cast<std::size_t>(role)]; !dead || dead->pid != action.pid)
          ::kill(action.to_group ? -action.pid : action.pid, action.signal);
        break;
      case Action::Kind::MakeDown:
        make_down_file(true);
        break;
      case Action::Kind::RemoveDown:
        make_down_file(false);
        break;
      case Action::Kind::Announce:
      case Action::Kind::DropOutput:
      case Action::Kind::Retire:
        break;
    }
  }
  return std::nullopt;
}

bool ServiceGroup::present(Role role, const ScriptRule& rule) const noexcept {
  char path[80];
  std::snprintf(path, sizeof path, "%s%s%s", role == Role::Log ? kLogDirectory : ".", "/", rule.file);
  struct stat st;
  switch (rule.presence) {
    case Presence::Never:
      return false;
    case Presence::Assumed:
      return true;
    case Presence::Exists:
      return ::fstatat(directory(), path, &st, 0) == 0;
    case Presence::OwnerExecutable:
      return ::fstatat(directory(), path, &st, 0) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IXUSR) != 0;
    case Presence::Readable: {
      const UniqueFd fd(::openat(directory(), path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
      return static_cast<bool>(fd);
    }
  }
  return false;
}

Event ServiceGroup::spawn(Role role, Script script) noexcept {
  const Convention& rules = convention(role);
  const ScriptRule& rule = rules.script(script);
  struct stat st;
  if (script == Script::Run && ::fstat(directory(), &st) == 0 && st.st_nlink == 0) {
    // The service directory has been removed: there will never be anything to execute in it.
    leaving_ = true;
    return event::SpawnFailed{script};
  }
  if (!present(role, rule)) return event::ScriptAbsent{script};
  if (script != Script::Run || !view_of(role).announced()) {
    // The death and the new start of run are one change for those who read the record; any other script may
    // itself look at what is said of its service, and the very first run may command it.
    dirty_ = true;
    flush();
  }
  const char* file = rule.file;
  const char* bare = file[0] == '.' && file[1] == '/' ? file + 2 : file;
  const Line shown = role == Role::Log ? Line(kLogDirectory).add("/").add(file) : Line(file);
  const Line prefix =
      expand(spec_.home->wording.start_failed, {{"name", spec_.name}, {"file", shown}, {"script", bare}});
  const ScriptArguments arguments(rule, machine_.of(role).record, spec_.name.c_str());
  SpawnPlan plan;
  plan.file = file;
  plan.argv = arguments.argv();
  plan.directory = directory();
  plan.subdirectory = subdirectory(role);
  plan.own_session = rules.own_session || spec_.own_session;
  plan.failure_prefix = prefix.c_str();
  if (own_pipe_) {
    (role == Role::Log ? plan.input : plan.output) =
        role == Role::Log ? own_pipe_->read_end() : own_pipe_->write_end();
  } else {
    if (spec_.input) plan.input = spec_.input->read_end();
    if (spec_.output) plan.output = spec_.output->write_end();
  }
  Result<pid_t> pid = supervisor_.spawner_.spawn(plan);
  if (!pid) {
    warn(pid.error());
    return event::SpawnFailed{script};
  }
  supervisor_.pids_.insert({*pid, role, this});
  return event::Spawned{script, *pid};
}

Event ServiceGroup::run_custom(Role role, char letter) noexcept {
  char file[] = "control/?";
  file[sizeof file - 2] = letter;
  struct stat st;
  if (::fstatat(directory(), file, &st, 0) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) warn(error_here("stat", file));
    return event::CustomAbsent{};
  }
  if ((st.st_mode & S_IXUSR) == 0) return event::CustomAbsent{};
  flush();
  const char* const argv[] = {file, nullptr};
  const Line prefix =
      expand(spec_.home->wording.start_failed, {{"name", spec_.name}, {"file", file}, {"script", file}});
  SpawnPlan plan;
  plan.file = file;
  plan.argv = argv;
  plan.directory = directory();
  plan.own_session = convention(role).own_session || spec_.own_session;
  plan.failure_prefix = prefix.c_str();
  if (own_pipe_) plan.output = own_pipe_->write_end();
  Result<pid_t> pid = supervisor_.spawner_.spawn(plan);
  if (!pid) {
    warn(pid.error());
    return event::CustomAbsent{};
  }
  supervisor_.pids_.insert({*pid, role, this});
  return event::CustomSpawned{*pid};
}

void ServiceGroup::make_down_file(bool wanted) noexcept {
  if (!wanted) {
    if (::unlinkat(directory(), "down", 0) != 0 && errno != ENOENT) warn(error_here("remove", "down"));
    return;
  }
  const UniqueFd made(
      ::openat(directory(), "down", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!made) warn(error_here("create", "down"));
}

void ServiceGroup::flush() noexcept {
  if (!dirty_ || closed_) return;
  const GroupSnapshot snapshot = machine_.snapshot();
  int error = 0;
  auto complain = [&](const Error& trouble) {
    // Once for each trouble, however often it is met.
    if (trouble.code != publish_error_ && trouble.code != error) warn(trouble);
    error = trouble.code;
  };
  auto publish = [&](SuperviseDirView& view) {
    if (!door(view.role()).begun) return;
    const char* file = "";
    int result = view.publish(directory(), snapshot, file);
    if (result == ENOENT && renew(view)) result = view.publish(directory(), snapshot, file);
    if (result != 0) complain({result, "write", view.path(file)});
    // Where the record cannot be written the service can be controlled all the same.
    if (Status announced = view.announce(directory(), supervisor_.inodes_); !announced)
      complain(announced.error());
  };
  publish(main_view_);
  if (log_view_) publish(*log_view_);
  publish_error_ = error;
  dirty_ = error != 0;
  if (dirty_ && may_pass(error))
    supervisor_.loop_.timers().arm(republisher_, supervisor_.loop_.clock().now().steady + kRepublishAfter);
}

bool ServiceGroup::renew(SuperviseDirView& view) noexcept {
  const Role role = view.role();
  SuperviseDirView fresh(*spec_.home, role, subdirectory(role));
  if (!fresh.claim(directory(), supervisor_.inodes_)) return false;
  if (!fresh.open_control(directory()) || !supervisor_.loop_.watch(fresh.control_fd(), door(role))) {
    fresh.close(directory(), supervisor_.inodes_);
    return false;
  }
  supervisor_.loop_.unwatch(view.control_fd());
  door(role).paused = false;
  // Not closed: the names that the old one would free are the fresh one's.
  view = std::move(fresh);
  return true;
}

void ServiceGroup::settle() noexcept {
  if (closed_) return;
  for (Role role : {Role::Main, Role::Log}) {
    std::optional<event::Exited>& held = held_exit_[static_cast<std::size_t>(role)];
    if (!held || machine_.of(role).awaiting_custom()) continue;
    const event::Exited exit = *held;
    held.reset();
    dispatch(role, exit);
    return;
  }
  if (shutdown_wanted_ && !machine_.main.awaiting_custom()) {
    shutdown_wanted_ = false;
    for (Verb verb : convention(Role::Main).shutdown) {
      if (closed_) return;
      command({.verb = verb});
    }
    return;
  }
  if (!draining_) flush();
  if (leaving_) {
    leaving_ = false;
    let_end();
    return;
  }
  for (Role role : {Role::Main, Role::Log}) {
    if (!machine_.has(role)) continue;
    const ServiceMachine& machine = machine_.of(role);
    supervisor_.loop_.timers().arm(door(role), machine.next_deadline());
    if (door(role).paused != machine.awaiting_custom()) {
      door(role).paused = machine.awaiting_custom();
      supervisor_.loop_.pause(view_of(role).control_fd(), door(role), door(role).paused);
    }
  }
}

void ServiceGroup::warn(const Error& error) const noexcept {
  say(message(spec_.home->wording.warning, spec_.name, error));
}

}  // namespace kindred
