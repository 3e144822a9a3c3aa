#include "core/engine/service_group.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <utility>

#include "core/engine/messages.h"
#include "core/engine/script_words.h"
#include "core/engine/supervisor.h"
#include "core/sys/files.h"
#include "core/sys/flag_file.h"
#include "core/sys/process.h"
#include "core/view/view_tree.h"

namespace kindred {
namespace {

constexpr mode_t kViewMode = 0755;
constexpr std::size_t kControlPerTurn = 256;  // bytes of one FIFO before others have their turn
constexpr Duration kRepublishAfter = std::chrono::seconds(1);
// The kernel counts a process's start in hundredths of a second, and the record is written after it.
constexpr Duration kOrphanTolerance = std::chrono::seconds(2);

// Trouble may pass without anything happening to the service; a directory that is gone does not come back.
bool may_pass(int error) { return error != ENOENT; }

/// The program that a phase's process is, as messages and scripts call it.
const char* script_name(const Convention& rules, Phase phase) {
  const Script script = script_of(phase);
  const char* file = rules.script(script).file;
  return file[0] == '.' && file[1] == '/' ? file + 2 : file;
}

/// The service directory, for the family's own reading of its files.
class FilesOf final : public ServiceFiles {
 public:
  explicit FilesOf(int directory) : directory_(directory) {}
  [[nodiscard]] bool has(const char* name) const noexcept override {
    struct stat st;
    return ::fstatat(directory_, name, &st, 0) == 0;
  }
  [[nodiscard]] std::optional<std::string> read(const char* name) const override {
    const Result<std::string> content = read_file(directory_, name, kLongestSetting);
    if (!content) return std::nullopt;
    return *content;
  }
  void warn(std::string_view text) const noexcept override { complaints_.emplace_back(text); }
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  static constexpr std::size_t kLongestSetting = 64;
  int directory_;
  mutable std::vector<std::string> complaints_;
};

}  // namespace

ServiceGroup::ServiceGroup(Supervisor& supervisor, GroupSpec spec)
    : supervisor_(supervisor), spec_(std::move(spec)) {
  if (spec_.family == nullptr) spec_.family = spec_.home;
  call_it(spec_.name);
  for (Role role : {Role::Main, Role::Log}) {
    clock_of(role).group = this;
    clock_of(role).role = role;
  }
  republisher_.group = this;
  if (const char* below = family().convention.service_directory; below != nullptr && !spec_.supervise) {
    if (Result<UniqueFd> files = open_directory(directory(), below)) {
      spec_.supervise = std::move(spec_.directory);
      spec_.directory = std::move(*files);
    }
  }
  if (has_log()) machine_.log.emplace();
  const SuperviseLayout& layout = home().layout;
  if (layout.directory == nullptr) return;
  auto add = [&](Role role, const char* prefix) {
    facades_.push_back(
        std::make_unique<Facade>(*this, nullptr, SuperviseDirView(home(), role, place(), prefix)));
  };
  add(Role::Main, "");
  if (machine_.log && !layout.log_with_main) add(Role::Log, log_place().c_str());
}

std::string ServiceGroup::log_place() const {
  if (family().convention.log_is_directory) return std::string(kLogDirectory) + "/";
  const std::string directory = home().layout.directory;
  return directory + (directory.empty() ? "" : "/") + kLogDirectory + "/";
}

Status ServiceGroup::make_log_place(const Facade& facade) const {
  if (facade.tree != nullptr || facade.view.role() != Role::Log || family().convention.log_is_directory)
    return ok();
  return make_directory(place(), log_place().c_str(), home().layout.directory_mode);
}

void ServiceGroup::call_it(const std::string& name) {
  const std::size_t longest = family().convention.longest_name;
  called_ = longest == 0 ? name : name.substr(0, longest);
}

bool ServiceGroup::has_log() const noexcept {
  const GroupConvention& rules = family().convention;
  if (!rules.supervises_log || (rules.log_is_directory && spec_.log_apart)) return false;
  if (!rules.log_is_directory) {
    // Asked once: later it may be one of those whose starts just fail.
    ScriptRule rule = rules.log.script(Script::Run);
    rule.presence = rules.log_presence;
    return present(Role::Log, rule);
  }
  struct stat st;
  if (::fstatat(directory(), kLogDirectory, &st, 0) != 0) return false;
  if (S_ISDIR(st.st_mode)) return true;
  const Error error{ENOTDIR, "use", "log"};
  if (const char* own = home().wording.plain_log; *own != '\0')
    say(message(own, spec_.name, error, home().wording.reason));
  else
    warn(error);
  return false;
}

ServiceGroup::~ServiceGroup() { close(); }

ServiceGroup::Facade* ServiceGroup::home_facade(Role role) noexcept {
  for (const std::unique_ptr<Facade>& facade : facades_)
    if (facade->tree == nullptr && facade->view.role() == role) return facade.get();
  return nullptr;
}

Status ServiceGroup::open() {
  // Every lock first: who finds one held leaves the other's files as they are.
  for (const std::unique_ptr<Facade>& facade : facades_) {
    // Main's place is made by now.
    if (Status made = make_log_place(*facade); !made) return made;
    if (Status claimed = facade->view.claim(); !claimed) return claimed;
  }
  for (const std::unique_ptr<Facade>& facade : facades_)
    if (Status opened = facade->view.open_control(); !opened) return opened;
  for (const std::unique_ptr<Facade>& facade : facades_)
    if (Status watched = watch(*facade); !watched) return watched;
  return ok();
}

Status ServiceGroup::open(Facade& facade) {
  if (Status claimed = facade.view.claim(); !claimed) return claimed;
  if (Status opened = facade.view.open_control(); !opened) return opened;
  return watch(facade);
}

Status ServiceGroup::watch(Facade& facade) noexcept {
  Result<Watch> watched = supervisor_.loop_.watch(facade.view.control_fd(), facade);
  if (!watched) return watched.error();
  facade.watch = std::move(*watched);
  return ok();
}

void ServiceGroup::shut(Facade& facade) noexcept {
  facade.watch.end();
  facade.view.close();
}

bool ServiceGroup::has_file(Role role, const char* name) const noexcept {
  if (name == nullptr) return false;
  char path[80];
  const char* below = subdirectory(role);
  std::snprintf(path, sizeof path, "%s/%s", below != nullptr ? below : ".", name);
  struct stat st;
  return ::fstatat(directory(), path, &st, 0) == 0;
}

Want ServiceGroup::wanted(Role role) const noexcept {
  const Convention& rules = convention(role);
  if (spec_.begin_down || has_file(role, rules.down_file)) return Want::Down;
  return has_file(role, rules.once_file) ? Want::Once : Want::Up;
}

std::optional<event::Adopted> ServiceGroup::orphan(Role role) noexcept {
  const Facade* facade = home_facade(Role::Main);
  const bool with_main = role == Role::Log && facade != nullptr && home().layout.log_with_main;
  if (!with_main) facade = home_facade(role);
  if (facade == nullptr) return std::nullopt;
  const std::optional<DecodedStatus> left = facade->view.left_behind();
  if (!left || (with_main && !left->snapshot.log)) return std::nullopt;
  const StatusRecord& record = with_main ? *left->snapshot.log : left->snapshot.main;
  const bool has_process = record.phase == Phase::Starting || record.phase == Phase::Running ||
                           record.phase == Phase::Finishing || record.phase == Phase::Stopping;
  if (!has_process || record.pid <= 1) return std::nullopt;
  struct stat place;
  const char* below = subdirectory(role);
  if (::fstatat(directory(), below != nullptr ? below : ".", &place, 0) != 0) return std::nullopt;
  UniqueFd process =
      open_recorded_process(record.pid, record.run_started, kOrphanTolerance, {place.st_dev, place.st_ino});
  if (!process) return std::nullopt;
  auto adopted = std::make_unique<Adopted>();
  adopted->group = this;
  adopted->role = role;
  adopted->pid = record.pid;
  adopted->process = std::move(process);
  Result<Watch> watched = supervisor_.loop_.watch(adopted->process.get(), *adopted);
  if (!watched) return std::nullopt;
  adopted->watch = std::move(*watched);
  adopted_[static_cast<std::size_t>(role)] = std::move(adopted);
  return event::Adopted{.pid = record.pid,
                        .since = record.run_started,
                        .script = script_of(record.phase),
                        .want = spec_.begin_down ? record.want : wanted(role),
                        .paused = record.paused};
}

Status ServiceGroup::begin() {
  const std::optional<event::Adopted> log_orphan = machine_.log ? orphan(Role::Log) : std::nullopt;
  const std::optional<event::Adopted> main_orphan = orphan(Role::Main);
  if (main_orphan && spec_.input) {
    // A log service that is supervised apart: its main, which comes after it, shares this pipe.
    if (UniqueFd pipe = open_pipe_of(main_orphan->pid, 0))
      *spec_.input = InputPipe::take_over(std::move(pipe));
  }
  if (machine_.log) {
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
    clock_of(role).begun = true;
    if (!left) {
      dispatch(role, event::Begin{wanted(role)});
      return;
    }
    // Nobody is to see it down for a moment.
    (void)step(machine_, role, event::Begin{Want::Down}, conventions(), supervisor_.loop_.clock().now());
    dispatch(role, *left);
  };
  // The log first: what main says at its start must find a reader soon.
  if (machine_.log) start(Role::Log, log_orphan);
  start(Role::Main, main_orphan);
  return ok();
}

namespace {

/// Whether clients of the family see by this file that a service is normally down.
bool is_down_file(const Dialect& family, const char* file) {
  const char* const name = family.convention.main.down_file;
  return name != nullptr && std::string_view(file) == name;
}

}  // namespace

Status ServiceGroup::attach(ViewTree& tree) {
  const SuperviseLayout& layout = tree.dialect->layout;
  const int root = tree.root.get();
  if (layout.directory == nullptr) return stand_in(tree);
  if (tree.dialect == spec_.home) {
    // A log that is a service of its own is seen through its main's link, and below a link nothing is made.
    return name().find('/') == std::string::npos ? link_to_directory(root, name().c_str(), place()) : ok();
  }
  if (const std::size_t slash = name().find('/'); slash != std::string::npos) {
    // It may come before its main.
    if (Status made = make_directory(root, name().substr(0, slash).c_str(), kViewMode); !made) return made;
  }
  const std::size_t first = facades_.size();
  auto show = [&](Role role, const std::string& place) -> Status {
    if (Status made = make_directory(root, place.c_str(), kViewMode); !made) return made;
    if (Status linked = show_files(tree, role, place); !linked) return linked;
    if (layout.service_script != nullptr && role == Role::Main) {
      if (Status made = make_script_for(root, (place + "/" + layout.service_script).c_str(), directory(),
                                        layout.service_script);
          !made)
        return made;
    }
    auto facade =
        std::make_unique<Facade>(*this, &tree, SuperviseDirView(*tree.dialect, role, root, place + "/"));
    if (Status opened = open(*facade); !opened) {
      shut(*facade);
      return opened;
    }
    facades_.push_back(std::move(facade));
    return ok();
  };
  Status shown = show(Role::Main, name());
  if (shown && machine_.log && !layout.log_with_main) shown = show(Role::Log, name() + "/log");
  if (!shown) {
    while (facades_.size() > first) {
      shut(*facades_.back());
      facades_.back()->view.remove();
      facades_.pop_back();
    }
    return shown;
  }
  dirty_ = true;
  flush();
  return ok();
}

Status ServiceGroup::show_files(const ViewTree& tree, Role role, const std::string& place) {
  for (const char* file : tree.dialect->layout.service_files) {
    const char* target = is_down_file(*tree.dialect, file) ? convention(role).down_file : file;
    if (target == nullptr) continue;
    if (Status linked = link_to_file(tree.root.get(), (place + "/" + file).c_str(), directory(),
                                     (std::string(role == Role::Log ? "log/" : "") + target).c_str());
        !linked)
      return linked;
  }
  return ok();
}

Status ServiceGroup::stand_in(ViewTree& tree) {
  // Its log is asked for by the same name.
  if (name().find('/') != std::string::npos) return ok();
  const int root = tree.root.get();
  if (Status made = make_directory(root, name().c_str(), kViewMode); !made) return made;
  // Where the directory itself tells that its service is looked after, it does.
  if (tree.dialect->scan.only_sticky && ::fchmodat(root, name().c_str(), kViewMode | S_ISVTX, 0) != 0)
    return error_here("chmod", name());
  struct stat st;
  if (::fstatat(root, name().c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return error_here("stat", name());
  tree.names[{st.st_dev, st.st_ino}] = name();
  return show_files(tree, Role::Main, name());
}

void ServiceGroup::detach(const ViewTree& tree) noexcept {
  const int root = tree.root.get();
  if (tree.dialect == spec_.home) {
    if (name().find('/') == std::string::npos) ::unlinkat(root, name().c_str(), 0);
    return;
  }
  // The log before its main, whose directory it is in.
  for (std::size_t i = facades_.size(); i-- > 0;) {
    if (facades_[i]->tree != &tree) continue;
    shut(*facades_[i]);
    facades_[i]->view.remove();
    facades_.erase(facades_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

GroupState ServiceGroup::state() const {
  GroupState state{spec_.name, home().name, family().name, {}, spec_.own_session, machine_};
  if (const Result<DirectoryId> id = identify(place())) state.id = *id;
  return state;
}

void ServiceGroup::close() noexcept {
  if (closed_) return;
  closed_ = true;
  for (Role role : {Role::Main, Role::Log}) {
    const auto index = static_cast<std::size_t>(role);
    supervisor_.loop_.timers().disarm(clock_of(role));
    if (adopted_[index]) adopted_[index]->watch.end();
    if (ready_pipes_[index]) ready_pipes_[index]->watch.end();
    if (!machine_.has(role)) continue;
    // Whatever is left running is nobody's any more.
    for (std::int32_t pid : {machine_.of(role).record.pid, machine_.of(role).custom_pid})
      if (pid > 0) supervisor_.pids_.take(pid);
  }
  supervisor_.loop_.timers().disarm(republisher_);
  for (const std::unique_ptr<Facade>& facade : facades_) shut(*facade);
  own_pipe_.reset();
  spec_.input.reset();
  spec_.output.reset();
  spec_.directory.reset();
  spec_.supervise.reset();
}

void ServiceGroup::command(const ControlCommand& command) noexcept {
  if (machine_.has(command.role)) dispatch(command.role, event::Command{command});
}

void ServiceGroup::command(const ControlCommand& command, const Dialect& said_in) noexcept {
  if (command.verb == Verb::Exit) remark(home().wording.leaving);
  // Exit stops a service in some families and waits for its end in others: whoever says it means his own.
  if (&said_in == &home() || command.verb != Verb::Exit) {
    this->command(command);
    return;
  }
  if (!machine_.has(command.role)) return;
  constexpr auto kExit = static_cast<std::size_t>(Verb::Exit);
  static GroupConvention scratch;
  scratch = conventions();
  Convention& rules = command.role == Role::Log ? scratch.log : scratch.main;
  if (!rules.commands[kExit].empty()) rules.commands[kExit] = said_in.convention.main.commands[kExit];
  dispatch(command.role, event::Command{command}, scratch);
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
  for (std::size_t i = 0; i < facades_.size() && !closed_; ++i) drain_control(*facades_[i]);
  if (closed_) return;
  const ServiceMachine& machine = machine_.of(role);
  if (convention(role).notify != nullptr && pid == machine.record.pid) {
    const bool exited = status.kind == ExitStatus::Kind::Exited;
    run_notify(role, script_name(convention(role), machine.record.phase), exited ? "exit" : "killed", pid,
               status.value);
  }
  if (machine.awaiting_custom() && pid == machine.record.pid)
    held_exit_[static_cast<std::size_t>(role)] = event::Exited{pid, status};
  else
    dispatch(role, event::Exited{pid, status});
}

void ServiceGroup::on_stop(Role role, std::int32_t pid, bool stopped) noexcept {
  dispatch(role, event::Stopped{pid, stopped});
}

void ServiceGroup::on_timer(Role role) noexcept { dispatch(role, event::TimerFired{}); }

void ServiceGroup::on_adopted_end(Role role) noexcept {
  std::unique_ptr<Adopted>& adopted = adopted_[static_cast<std::size_t>(role)];
  adopted->watch.end();
  adopted->process.reset();
  on_exit(role, adopted->pid, ExitStatus::unknown());
}

void ServiceGroup::on_ready_pipe(Role role) noexcept {
  ReadyPipe& pipe = *ready_pipes_[static_cast<std::size_t>(role)];
  char bytes[256];
  const ssize_t got = ::read(pipe.fd.get(), bytes, sizeof bytes);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const bool ready = got > 0 && std::memchr(bytes, '\n', static_cast<std::size_t>(got)) != nullptr;
  if (got > 0 && !ready) return;
  pipe.watch.end();
  pipe.fd.reset();
  if (ready) dispatch(role, event::BecameReady{});
}

bool ServiceGroup::awaiting_custom(const Facade& facade) const noexcept {
  if (facade.view.role() == Role::Log) return machine_.of(Role::Log).awaiting_custom();
  return machine_.main.awaiting_custom() ||
         (facade.view.dialect().layout.log_with_main && machine_.log && machine_.log->awaiting_custom());
}

void ServiceGroup::drain_control(Facade& facade) noexcept {
  const Role role = facade.view.role();
  if (closed_ || !machine_.has(role)) return;
  const bool one_by_one = convention(role).custom_control;
  std::uint8_t bytes[kControlPerTurn];
  std::size_t budget = kControlPerTurn;
  // What is said in one breath is one change, however many commands a flood may bring.
  draining_ = true;
  ControlMode mode = 0;
  std::optional<ControlCommand> exit;
  while (budget > 0 && !closed_ && !awaiting_custom(facade)) {
    // A byte may start a script that the next one has to wait for; in the FIFO it waits best.
    const std::size_t got = facade.view.read_control({bytes, one_by_one ? 1 : budget});
    if (got == 0) break;
    budget -= got;
    for (std::size_t i = 0; i < got && !closed_; ++i) {
      std::optional<ControlCommand> decoded = facade.view.dialect().control.decode(bytes[i], mode);
      if (!decoded) continue;
      if (role == Role::Log) decoded->role = Role::Log;
      if (decoded->verb == Verb::Exit && convention(role).exit_comes_last)
        exit = decoded;
      else
        command(*decoded, facade.view.dialect());
    }
  }
  if (exit && !closed_) command(*exit, facade.view.dialect());
  draining_ = false;
  flush();
}

void ServiceGroup::configure() noexcept {
  if (family().configure == nullptr) return;
  static GroupConvention scratch;
  scratch = family().convention;
  const FilesOf files(directory());
  if (!family().configure(files, scratch.main)) {
    own_convention_.reset();
  } else if (own_convention_) {
    *own_convention_ = scratch;
  } else {
    own_convention_ = std::make_unique<GroupConvention>(scratch);
  }
  // They are read at each event, and stay wrong until somebody mends them.
  std::size_t complaint = 0;
  for (const std::string& text : files.complaints())
    complaint = complaint * 31 + std::hash<std::string>{}(text);
  if (std::exchange(complaint_, complaint) == complaint) return;
  for (const std::string& text : files.complaints())
    say(expand(family().wording.setting, {{"name", spec_.name}, {"text", text}}));
}

void ServiceGroup::dispatch(Role role, Event event) noexcept {
  configure();
  dispatch(role, event, conventions());
}

void ServiceGroup::dispatch(Role role, Event event, const GroupConvention& rules) noexcept {
  std::optional<Event> next = event;
  while (next && !closed_) {
    const WallTime ended = machine_.of(role).record.run_ended;
    GroupActions answer = step(machine_, role, *next, rules, supervisor_.loop_.clock().now());
    if (machine_.of(role).record.run_ended != ended) count_death(role);
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

void ServiceGroup::send(ServiceMachine& machine, const Action& action) noexcept {
  // Whoever leads no group is a member of another's, of the supervisor's own for instance.
  const bool to_group = action.to_group && ::getpgid(action.pid) == action.pid;
  if (::kill(to_group ? -action.pid : action.pid, action.signal) == 0 || errno != EPERM) return;
  // What the record says of it is not so.
  StatusRecord& record = machine.record;
  if (record.pid != action.pid) return;
  if (action.signal == SIGSTOP) record.paused = false;
  if (action.signal == SIGTERM) record.sent_term = false;
  dirty_ = true;
}

std::optional<Event> ServiceGroup::perform(Role role, const Actions& actions) noexcept {
  for (const Action& action : actions) {
    if (action.kind != Action::Kind::Publish && action.kind != Action::Kind::Announce) tell_waiters(role);
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
        if (action.signal == SIGKILL && machine_.of(role).record.phase == Phase::Finishing)
          remark(home().wording.overdue);
        // One that has been reaped is not ours to signal: its number may be another's by now.
        if (const auto& dead = held_exit_[static_cast<std::size_t>(role)]; !dead || dead->pid != action.pid)
          send(machine_.of(role), action);
        break;
      case Action::Kind::MakeDown:
        see_to_down_file(role, true);
        break;
      case Action::Kind::RemoveDown:
        see_to_down_file(role, false);
        break;
      case Action::Kind::Announce:
        untold_.push_back(action.notice);
        break;
      case Action::Kind::DropOutput:
        supervisor_.drop_output();
        break;
      case Action::Kind::Retire:
        break;
    }
  }
  tell_waiters(role);
  return std::nullopt;
}

void ServiceGroup::tell_waiters(Role role) noexcept {
  if (untold_.empty()) return;
  for (const std::unique_ptr<Facade>& facade : facades_) {
    if (facade->view.role() != role || facade->view.dialect().layout.event.name == nullptr) continue;
    // Who hears of a change finds it in the record.
    flush();
    facade->view.tell({untold_.begin(), untold_.end()});
  }
  untold_.clear();
}

void ServiceGroup::count_death(Role role) noexcept {
  const StatusRecord& record = machine_.of(role).record;
  for (const std::unique_ptr<Facade>& facade : facades_)
    if (facade->view.role() == role)
      facade->view.count_death(record.run_ended, record.exit_of(Script::Run), convention(role).death_tally);
}

Session ServiceGroup::session(const Convention& rules, bool stays) const noexcept {
  if (rules.own_session && !stays) return Session::Led;
  return spec_.own_session ? Session::Joined : Session::Ours;
}

bool ServiceGroup::present(Role role, const ScriptRule& rule) const noexcept {
  char path[80];
  const char* below = subdirectory(role);
  std::snprintf(path, sizeof path, "%s/%s", below != nullptr ? below : ".", rule.file);
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
    case Presence::OwnerBit:
      return ::fstatat(directory(), path, &st, 0) == 0 && (st.st_mode & S_IXUSR) != 0;
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
  const Facade* seen = home_facade(role);
  if (script != Script::Run || (seen != nullptr && !seen->view.announced())) {
    // The death and the new start of run are one change for those who read the record; any other script may
    // itself look at what is said of its service, and the very first run may command it.
    dirty_ = true;
    flush();
  }
  const char* file = rule.file;
  const char* bare = file[0] == '.' && file[1] == '/' ? file + 2 : file;
  const Line shown = subdirectory(role) != nullptr ? Line(kLogDirectory).add("/").add(file) : Line(file);
  const Line prefix =
      expand(spec_.home->wording.start_failed, {{"name", called_}, {"file", shown}, {"script", bare}});
  const ScriptArguments arguments(rule, machine_.of(role).record, called_.c_str());
  SpawnPlan plan;
  plan.file = file;
  plan.argv = arguments.argv();
  plan.directory = directory();
  plan.subdirectory = subdirectory(role);
  plan.session = session(rules, has_file(Role::Main, rules.stay_in_session));
  plan.failure_prefix = prefix.c_str();
  plan.failure_text = home().wording.reason;
  plan.must_exec = script == Script::Run && rules.run_must_exec;
  std::array<UniqueFd, 2> given;
  if (script == Script::Run && !give_descriptors(role, plan, given)) return event::SpawnFailed{script};
  if (own_pipe_) {
    (role == Role::Log ? plan.input : plan.output) =
        role == Role::Log ? own_pipe_->read_end() : own_pipe_->write_end();
  } else {
    if (spec_.input) plan.input = spec_.input->read_end();
    if (spec_.output) plan.output = spec_.output->write_end();
  }
  plan.with_errors = plan.output >= 0 && conventions().log_hears_errors;
  UniqueFd null;
  if (rule.null_input) {
    null.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    plan.input = null.get();
  }
  supervisor_.environment_.give(rule, machine_.of(role), supervisor_.loop_.clock().now().steady, plan);
  Result<pid_t> pid = supervisor_.spawner_.spawn(plan);
  if (!pid) {
    // A home that never knows whether run was executed has no words of its own for that.
    const Wording& wording = home().wording;
    const bool has_words = pid.error().operation == "spawn" && *wording.not_executed != '\0';
    say(message(has_words ? wording.not_executed : wording.warning, spec_.name, pid.error(), wording.reason));
    return event::SpawnFailed{script};
  }
  supervisor_.pids_.insert({*pid, role, this});
  if (*home().wording.started != '\0') {
    char number[12];
    std::snprintf(number, sizeof number, "%d", *pid);
    say(expand(home().wording.started, {{"name", spec_.name}, {"script", bare}, {"pid", number}}));
  }
  if (rules.notify != nullptr) run_notify(role, bare, "start", *pid, 0);
  return event::Spawned{script, *pid};
}

bool ServiceGroup::give_descriptors(Role role, SpawnPlan& plan, std::array<UniqueFd, 2>& given) noexcept {
  const Convention& rules = convention(role);
  std::unique_ptr<ReadyPipe>& reader = ready_pipes_[static_cast<std::size_t>(role)];
  if (reader && reader->fd) {
    reader->watch.end();
    reader->fd.reset();
  }
  if (rules.ready_fd >= 0) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      warn(error_here("create", "pipe"));
      return false;
    }
    given[0].reset(ends[1]);
    if (!reader) {
      reader = std::make_unique<ReadyPipe>();
      reader->group = this;
      reader->role = role;
    }
    reader->fd.reset(ends[0]);
    // A service may write anything, a newline never: the supervisor waits for nothing.
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    Result<Watch> watched = supervisor_.loop_.watch(ends[0], *reader);
    if (!watched) {
      warn(watched.error());
      return false;
    }
    reader->watch = std::move(*watched);
    plan.extra[0] = {ends[1], rules.ready_fd};
  }
  if (rules.lock_fd >= 0) {
    const Facade* seen = home_facade(role);
    const std::string path = seen != nullptr ? seen->view.path("service-lock") : "service-lock";
    given[1].reset(::openat(directory(), path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (!given[1] || ::fcntl(given[1].get(), F_OFD_SETLK, &whole) != 0) {
      warn(error_here("lock", path));
      return false;
    }
    plan.extra[1] = {given[1].get(), rules.lock_fd};
  }
  return true;
}

void ServiceGroup::run_notify(Role role, const char* script, const char* what, std::int32_t pid,
                              int value) noexcept {
  const Convention& rules = convention(role);
  struct stat st;
  if (::fstatat(directory(), rules.notify, &st, 0) != 0 || !S_ISREG(st.st_mode) ||
      (st.st_mode & S_IXUSR) == 0)
    return;
  char number[12], code[12];
  std::snprintf(number, sizeof number, "%d", pid);
  std::snprintf(code, sizeof code, "%d", value);
  const char* const argv[] = {rules.notify, script, what, number, code, nullptr};
  const char* bare = rules.notify[0] == '.' && rules.notify[1] == '/' ? rules.notify + 2 : rules.notify;
  const Line prefix =
      expand(home().wording.start_failed, {{"name", spec_.name}, {"file", rules.notify}, {"script", bare}});
  SpawnPlan plan;
  plan.file = rules.notify;
  plan.argv = argv;
  plan.directory = directory();
  plan.session = session(rules, has_file(Role::Main, rules.stay_in_session));
  plan.failure_prefix = prefix.c_str();
  plan.failure_text = home().wording.reason;
  // Nobody waits for it: its end is one of a child that is not ours.
  if (const Result<pid_t> told = supervisor_.spawner_.spawn(plan); !told) warn(told.error());
}

Event ServiceGroup::run_custom(Role role, char letter) noexcept {
  char file[] = "control/?";
  file[sizeof file - 2] = letter;
  struct stat st;
  if (::fstatat(directory(), file, &st, 0) != 0) {
    if (errno != ENOENT) warn(error_here("stat", file));
    return event::CustomAbsent{};
  }
  if ((st.st_mode & S_IXUSR) == 0) return event::CustomAbsent{};
  flush();
  const char* const argv[] = {file, nullptr};
  const Wording& wording = home().wording;
  const Line prefix = expand(*wording.custom_failed != '\0' ? wording.custom_failed : wording.start_failed,
                             {{"name", spec_.name}, {"file", file}, {"script", file}});
  SpawnPlan plan;
  plan.file = file;
  plan.argv = argv;
  plan.directory = directory();
  plan.session = session(convention(role), false);
  plan.failure_prefix = prefix.c_str();
  plan.failure_text = home().wording.reason;
  if (own_pipe_) plan.output = own_pipe_->write_end();
  Result<pid_t> pid = supervisor_.spawner_.spawn(plan);
  if (!pid) {
    warn(pid.error());
    return event::CustomAbsent{};
  }
  supervisor_.pids_.insert({*pid, role, this});
  return event::CustomSpawned{*pid};
}

void ServiceGroup::see_to_down_file(Role role, bool wanted) noexcept {
  const char* const file = convention(role).down_file;
  const char* const below = subdirectory(role);
  Line path;
  if (below != nullptr) path.add(below).add("/");
  path.add(file != nullptr ? file : "down");
  int error = 0;
  if (file != nullptr)
    error = wanted ? make_flag_file(directory(), path.c_str()) : remove_flag_file(directory(), path.c_str());
  else if (wanted)
    error = EOPNOTSUPP;  // nothing in this family keeps such a process down
  if (error != 0) warn(error_here(wanted ? "create" : "remove", path.c_str(), error));
}

void ServiceGroup::publish(Facade& facade, const GroupSnapshot& snapshot, int& error) noexcept {
  if (!clock_of(facade.view.role()).begun) return;
  auto complain = [&](const Error& trouble) {
    // Once for each trouble, however often it is met.
    if (trouble.code != publish_error_ && trouble.code != error) warn(trouble);
    error = trouble.code;
  };
  const char* file = "";
  int result = facade.view.publish(snapshot, file);
  if (result == ENOENT && renew(facade)) result = facade.view.publish(snapshot, file);
  if (result != 0) complain({result, "write", facade.view.path(file)});
  // Where the record cannot be written the service can be controlled all the same.
  if (Status announced = facade.view.announce(); !announced) complain(announced.error());
}

void ServiceGroup::flush() noexcept {
  if (!dirty_ || closed_) return;
  const GroupSnapshot snapshot = machine_.snapshot();
  int error = 0;
  for (const std::unique_ptr<Facade>& facade : facades_) publish(*facade, snapshot, error);
  publish_error_ = error;
  dirty_ = error != 0;
  if (dirty_ && may_pass(error))
    supervisor_.loop_.timers().arm(republisher_, supervisor_.loop_.clock().now().steady + kRepublishAfter);
}

bool ServiceGroup::renew(Facade& facade) noexcept {
  Facade fresh(*this, facade.tree, facade.view.blank());
  if (!make_log_place(facade) || !fresh.view.claim()) return false;
  Status opened = fresh.view.open_control();
  Result<Watch> watched =
      opened ? supervisor_.loop_.watch(fresh.view.control_fd(), facade) : Result<Watch>(opened.error());
  if (!watched) {
    fresh.view.close();
    return false;
  }
  facade.watch = std::move(*watched);
  facade.paused = false;
  facade.view = std::move(fresh.view);
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
    const Convention& rules = convention(Role::Main);
    // A copy: obeying may read the service's settings anew.
    const auto verbs = shutdown_of(machine_.main, rules);
    for (Verb verb : verbs) {
      if (closed_) return;
      command({.verb = verb}, home());
    }
    return;
  }
  if (!draining_) flush();
  if (leaving_) {
    leaving_ = false;
    let_end();
    return;
  }
  for (Role role : {Role::Main, Role::Log})
    if (machine_.has(role)) supervisor_.loop_.timers().arm(clock_of(role), machine_.of(role).next_deadline());
  for (const std::unique_ptr<Facade>& facade : facades_) {
    const bool held = awaiting_custom(*facade);
    if (facade->paused == held) continue;
    facade->paused = held;
    facade->watch.await(held ? Await::Nothing : Await::Bytes);
  }
}

void ServiceGroup::remark(const char* form) const noexcept {
  if (*form != '\0') say(expand(form, {{"name", spec_.name}}));
}

void ServiceGroup::warn(const Error& error) const noexcept {
  say(message(home().wording.warning, spec_.name, error, home().wording.reason));
}

}  // namespace kindred
