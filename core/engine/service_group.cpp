#include "core/engine/service_group.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <utility>
#include <variant>

#include "core/engine/messages.h"
#include "core/engine/script_words.h"
#include "core/engine/supervisor.h"
#include "core/keeper/keeper.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"
#include "core/sys/flag_file.h"
#include "core/sys/process.h"
#include "core/view/view_tree.h"

namespace kindred {
namespace {

constexpr mode_t kViewMode = 0755;
constexpr std::size_t kLongestLockPath = 80;
// Of one FIFO, before others have their turn:
constexpr std::size_t kControlPerTurn = 256;  // bytes
constexpr Duration kControlTime = std::chrono::microseconds(200);
constexpr std::size_t kControlAtOnce = 16;       // bytes between two looks at the clock
constexpr std::size_t kMostUnready = 64 * 1024;  // bytes without a newline on a notification descriptor
constexpr Duration kRepublishAfter = std::chrono::seconds(1);
// A log whose main has left: how often it is looked at, how long it may not read, and how long it may read.
constexpr Duration kLookAtLog = std::chrono::milliseconds(100);
constexpr Duration kLogPatience = std::chrono::seconds(3);
constexpr Duration kLogLimit = std::chrono::seconds(60);
constexpr Duration kLookForAdopted = std::chrono::seconds(1);
// Complaints about a service's own rules, after those about its family's settings.
constexpr std::uint8_t kBackOffBit{1U << kSettings.size()}, kTreeWishBit{2U << kSettings.size()};

// Trouble may pass without anything happening to the service; a directory that is gone does not come back.
bool may_pass(int error) { return error != ENOENT; }

/// The program that a phase's process is, as messages and scripts call it.
const char* script_name(const Convention& rules, Phase phase) {
  const Script script = script_of(phase);
  const char* file = rules.script(script).file;
  return file[0] == '.' && file[1] == '/' ? file + 2 : file;
}

WallTime wall_time(std::uint64_t nanoseconds) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  return {static_cast<std::int64_t>(nanoseconds / kSecond),
          static_cast<std::uint32_t>(nanoseconds % kSecond)};
}

/// The service directory, for the family's own reading of its files; complaints about it are made once.
class FilesOf final : public ServiceFiles {
 public:
  FilesOf(int directory, const char* form, std::string_view name, bool complained)
      : directory_(directory), form_(form), name_(name), complained_(complained) {}
  [[nodiscard]] std::optional<std::string_view> read(const char* name,
                                                     std::span<char> room) const noexcept override {
    const UniqueFd file = open_no_planted_link(directory_, name, O_RDONLY);
    struct stat st;
    if (!file || ::fstat(file.get(), &st) != 0 || !S_ISREG(st.st_mode)) return std::nullopt;
    const ssize_t size = ::read(file.get(), room.data(), room.size());
    if (size < 0) return std::nullopt;
    return std::string_view(room.data(), static_cast<std::size_t>(size));
  }
  void warn(std::string_view text) const noexcept override {
    if (!complained_) say(expand(form_, {{"name", name_}, {"text", text}}));
    wrong_ = true;
  }
  [[nodiscard]] bool wrong() const { return wrong_; }

 private:
  int directory_;
  const char* form_;
  std::string_view name_;
  bool complained_;
  mutable bool wrong_ = false;
};

}  // namespace

ServiceGroup::ServiceGroup(Supervisor& supervisor, GroupSpec spec)
    : supervisor_(supervisor), spec_(std::move(spec)) {
  if (spec_.family == nullptr) spec_.family = spec_.home;
  call_it(spec_.name);
  main_clock_.group = this;
  republisher_.group = this;
  if (family().configure != nullptr || family().convention.main.ready_fd >= 0) {
    // Set aside now: a start is not to fail for want of memory.
    for (Role role : {Role::Main, Role::Log}) {
      auto& pipe = ready_pipes_[static_cast<std::size_t>(role)];
      pipe = std::make_unique<ReadyPipe>();
      pipe->group = this;
      pipe->role = role;
    }
  }
  if (const char* below = family().convention.service_directory; below != nullptr && !spec_.supervise) {
    if (Result<UniqueFd> files = open_directory(directory(), below)) {
      spec_.supervise = std::move(spec_.directory);
      spec_.directory = std::move(*files);
    }
  }
  if (spec_.input) make_log_end(Role::Main);
  if (has_log()) {
    machine_.log.emplace();
    log_clock_ = std::make_unique<RoleClock>();
    log_clock_->group = this;
    log_clock_->role = Role::Log;
    if (conventions().coupling.terminate) make_log_end(Role::Log);
  }
  const SuperviseLayout& layout = home().layout;
  if (layout.directory == nullptr) return;
  auto add = [&](Role role, std::string prefix) {
    facades_.push_back(
        std::make_unique<Facade>(*this, nullptr, SuperviseDirView(home(), role, place(), std::move(prefix))));
  };
  add(Role::Main, layout.directory_of == nullptr ? "" : layout.directory_of(physical_path(place())) + "/");
  if (machine_.log && !layout.log_with_main) add(Role::Log, log_place());
}

void ServiceGroup::make_log_end(Role role) {
  log_end_ = std::make_unique<LogEnd>();
  log_end_->group = this;
  log_end_->role = role;
  supervisor_.loop_.timers().reserve_besides(1);
}

void ServiceGroup::set_input(std::shared_ptr<InputPipe> input) {
  spec_.input = std::move(input);
  if (!log_end_) make_log_end(Role::Main);
}

void ServiceGroup::set_output(std::shared_ptr<InputPipe> output) noexcept {
  if (spec_.output && leaves_) spec_.output->note_leaving(-1, false);
  leaves_ = false;
  spec_.output = std::move(output);
  note_leaving();
}

void ServiceGroup::note_leaving() noexcept {
  if (!spec_.output) return;
  const bool exiting = machine_.main.record.exiting, speaks = machine_.main.has_process();
  const bool leaves = exiting && speaks;
  spec_.output->note_leaving(static_cast<int>(leaves) - static_cast<int>(leaves_), exiting && !speaks);
  leaves_ = leaves;
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
  std::string called = longest == 0 ? name : name.substr(0, longest);
  called_ = called == spec_.name ? nullptr : std::make_unique<std::string>(std::move(called));
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

Status ServiceGroup::open(Left& left) {
  // Every lock first: who finds one held leaves the other's files as they are.
  for (const std::unique_ptr<Facade>& facade : facades_) {
    // Main's place is made by now.
    if (Status made = make_log_place(*facade); !made) return made;
    if (Status claimed = facade->view.claim(); !claimed) return claimed;
  }
  // Main last: it is what the table is asked for again, when the pipe is looked for that its log has died at.
  for (const Role role : {Role::Log, Role::Main})
    if (machine_.has(role)) left[static_cast<std::size_t>(role)] = take_left(role);
  FdStore& descriptors = supervisor_.descriptors();
  for (const std::unique_ptr<Facade>& facade : facades_)
    if (descriptors.holds_any()) facade->view.resume(descriptors);
  for (const std::unique_ptr<Facade>& facade : facades_)
    if (Status opened = facade->view.open_control(); !opened) return opened;
  for (const std::unique_ptr<Facade>& facade : facades_)
    if (Status watched = watch(*facade); !watched) return watched;
  return ok();
}

Status ServiceGroup::open(Facade& facade) {
  if (Status claimed = facade.view.claim(); !claimed) return claimed;
  if (supervisor_.descriptors().resumes()) facade.view.resume(supervisor_.descriptors());
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

std::optional<LeftBehind> ServiceGroup::take_left(Role role) {
  const char* const below = subdirectory(role);
  UniqueFd own;
  if (below != nullptr) {
    Result<UniqueFd> opened = open_directory(directory(), below);
    if (!opened) return std::nullopt;
    own = std::move(*opened);
  }
  const std::optional<ServiceIdentity> identity = service_identity(own ? own.get() : directory());
  if (!identity) return std::nullopt;
  ProcessTable& table = supervisor_.processes_;
  ProcessTable::Place& record = records_[static_cast<std::size_t>(role)];
  record = table.reserve(*identity, role, home().name, family().name);
  return table.take(*identity, role, record, home().name, family().name);
}

Status ServiceGroup::find_pipe(const std::optional<LeftBehind>& main, const std::optional<LeftBehind>& log) {
  InputPipe* const shared = spec_.input ? spec_.input.get() : spec_.output ? spec_.output.get() : nullptr;
  UniqueFd pipe;
  for (const std::optional<LeftBehind>* const left : {&log, &main}) {
    if (!*left || pipe) continue;
    const std::uint64_t inode = (*left)->record.pipe;
    // The other side has it already.
    if (shared != nullptr && inode != 0 && static_cast<std::uint32_t>(shared->inode()) == inode) break;
    if (shared == nullptr && !machine_.log) break;
    pipe = supervisor_.descriptors().take_pipe(static_cast<std::uint32_t>(inode), FdStore::For::Both);
    // A main that comes first leaves it to its log to find what it reads.
    if (!pipe && (spec_.input || machine_.log)) pipe = supervisor_.processes_.open_left_pipe(inode);
  }
  if (shared != nullptr && pipe) {
    // A log service that is supervised apart: its main shares this pipe.
    *shared = InputPipe::take_over(std::move(pipe));
  } else if (machine_.log) {
    // What is still read, or written into, by a process that goes on.
    if (pipe) own_pipe_ = InputPipe::take_over(std::move(pipe));
    if (!own_pipe_) {
      Result<InputPipe> made = InputPipe::make();
      if (!made) return made.error();
      own_pipe_ = std::move(*made);
    }
  }
  const InputPipe* const used = own_pipe_      ? &*own_pipe_
                                : spec_.input  ? spec_.input.get()
                                : spec_.output ? spec_.output.get()
                                               : nullptr;
  if (used != nullptr)
    for (const ProcessTable::Place record : records_) supervisor_.processes_.set_pipe(record, used->inode());
  return ok();
}

bool ServiceGroup::adopt(Role role, LeftBehind& left) {
  auto adopted = std::make_unique<Adopted>();
  adopted->group = this;
  adopted->role = role;
  adopted->pid = left.record.pid;
  adopted->start_ticks = left.start_ticks;
  adopted->process = std::move(left.process);
  if (adopted->process) {
    Result<Watch> watched = supervisor_.loop_.watch(adopted->process.get(), *adopted);
    if (!watched) return false;
    adopted->watch = std::move(*watched);
  } else {
    supervisor_.loop_.timers().reserve_besides(1);
    supervisor_.loop_.timers().arm(*adopted, supervisor_.loop_.clock().now().steady + kLookForAdopted);
  }
  adopted_[static_cast<std::size_t>(role)] = std::move(adopted);
  return true;
}

bool ServiceGroup::hear_end_of(Role role, std::int32_t pid, LeftBehind& left) noexcept {
  if (!left.alive) return false;
  // Its head tells.
  if (role == Role::Main && tree_ && tree_->told) return true;
  if (!left.is_keepers) return adopt(role, left);
  supervisor_.pids_.insert({pid, role, this});
  keepers_[static_cast<std::size_t>(role)] = pid;
  return true;
}

bool ServiceGroup::hear_end_of_custom(Role role, std::int32_t pid) noexcept {
  const std::optional<ProcessFacts> facts = facts_of_any(pid);
  if (!facts || kept() == nullptr || facts->parent != kept()->keeper) return false;
  supervisor_.pids_.insert({pid, role, this});
  return true;
}

void ServiceGroup::hear_readiness(Role role, std::uint32_t pipe) noexcept {
  const auto index = static_cast<std::size_t>(role);
  UniqueFd ready = supervisor_.descriptors().take_pipe(pipe, FdStore::For::Reading);
  if (!ready_pipes_[index] || !ready) return;
  ready_pipes_[index]->fd = std::move(ready);
  if (Result<Watch> watched = supervisor_.loop_.watch(ready_pipes_[index]->fd.get(), *ready_pipes_[index]))
    ready_pipes_[index]->watch = std::move(*watched);
  supervisor_.processes_.note_ready_pipe(records_[index], pipe);
}

void ServiceGroup::resume(Role role, LeftBehind& left) noexcept {
  const auto index = static_cast<std::size_t>(role);
  const RoleImage& image = *left.image;
  ServiceMachine& machine = machine_.of(role);
  machine = image.machine;
  held_exit_[index] = image.held_exit;
  if (role == Role::Main) shutdown_wanted_ = image.shutting_down;
  dirty_ = true;
  hear_readiness(role, left.record.ready_pipe);
  if (role == Role::Main) resume_tree(left);
  const std::int32_t pid = machine.record.pid, custom = machine.custom_pid;
  const bool held = image.held_exit && image.held_exit->pid == pid;
  // It was made, and the machine has not heard of it.
  const bool newborn =
      left.record.state == ProcessRecord::State::Intended && left.record.pid > 0 && left.record.pid != pid;
  bool ended = false;
  std::optional<Event> next;
  if (newborn) {
    ended = !hear_end_of(role, left.record.pid, left);
    next = event::Spawned{left.record.script, left.record.pid};
  } else if (pid > 0 && !held) {
    ended = left.record.pid != pid || !hear_end_of(role, pid, left);
  }
  const bool custom_ended = custom > 0 && !hear_end_of_custom(role, custom);
  if (!next) next = perform(role, image.pending);
  if (next)
    dispatch(role, *next);
  else
    settle();
  // Its head may have told how.
  if (ended && !closed_ && role == Role::Main && tree_ && tree_->told) hear_head();
  const std::int32_t gone = newborn ? left.record.pid : pid;
  if (ended && !closed_ && machine.record.pid == gone) on_exit(role, gone, ExitStatus::unknown());
  if (custom_ended && !closed_) on_exit(role, custom, ExitStatus::unknown());
}

void ServiceGroup::resume_end_of_log() noexcept {
  machine_.main_left = true;
  const LogCoupling& coupling = conventions().coupling;
  Actions of_log = step(*machine_.log, event::MainLeft{coupling.terminate}, conventions().log,
                        supervisor_.loop_.clock().now());
  if (own_pipe_) let_log_read(coupling.close_input, of_log);
  if (coupling.close_input && !log_reads_to_end()) own_pipe_.reset();
  (void)perform(Role::Log, of_log);
  settle();
}

void ServiceGroup::lose_keeper() noexcept {
  for (const Role role : {Role::Main, Role::Log}) {
    const std::int32_t pid = std::exchange(keepers_[static_cast<std::size_t>(role)], 0);
    if (closed_ || pid == 0 || machine_.of(role).record.pid != pid) continue;
    supervisor_.pids_.take(pid);
    LeftBehind left;
    left.record.pid = pid;
    left.process = open_process(pid);
    const std::optional<ProcessFacts> facts = facts_of(pid);
    if (facts) left.start_ticks = facts->start_ticks;
    // Without /proc the kernel's word alone says that it lives.
    const bool lives = facts || (left.process && !sees_processes());
    if (!lives || !adopt(role, left)) on_exit(role, pid, ExitStatus::unknown());
  }
}

void ServiceGroup::begin(Role role, std::optional<LeftBehind> left) noexcept {
  clock_of(role).begun = true;
  if (left && left->image) {
    trace(role, trace_entry(supervisor_.loop_.clock().now(), TraceEntry::Kind::TakenOn));
    resume(role, *left);
    return;
  }
  if (left && role == Role::Main && left->record.pid > 0) resume_tree(*left);
  const bool ended = left && !left->alive && left->certain && left->record.pid > 0;
  if (left && !ended && !(left->alive && adopt(role, *left))) {
    // It rested, and goes on to rest where that was wanted of it.
    const bool wanted_down = left->certain && left->record.want == Want::Down;
    dispatch(role, event::Begin{wanted_down ? Want::Down : wanted(role)});
    return;
  }
  if (!left) {
    dispatch(role, event::Begin{wanted(role)});
    return;
  }
  const ProcessRecord& record = left->record;
  const event::Adopted adopted{.pid = record.pid,
                               .since = wall_time(record.since),
                               .script = record.script,
                               .want = record.want,
                               .paused = record.paused};
  // Nobody is to see it down for a moment, nor up where it has ended while nobody looked.
  const Now now = supervisor_.loop_.clock().now();
  (void)step(machine_, role, event::Begin{Want::Down}, conventions(), now);
  if (ended) {
    (void)step(machine_, role, adopted, conventions(), now);
    dispatch(role, end_of(role, record.pid, ExitStatus::unknown()));
    return;
  }
  dispatch(role, adopted);
  if (closed_ || record.script != Script::Run) return;
  if (record.ready)
    dispatch(role, event::BecameReady{});
  else
    hear_readiness(role, record.ready_pipe);
}

void ServiceGroup::show_unbegun_main() noexcept {
  (void)step(machine_, Role::Main, event::Begin{Want::Down}, conventions(), supervisor_.loop_.clock().now());
  machine_.main.record.want = wanted(Role::Main);
  clock_of(Role::Main).begun = true;
  dirty_ = true;
}

Status ServiceGroup::begin(Left& left) {
  std::optional<LeftBehind>& main = left[static_cast<std::size_t>(Role::Main)];
  std::optional<LeftBehind>& log = left[static_cast<std::size_t>(Role::Log)];
  const bool main_left = machine_.log && main && main->image && main->image->main_left;
  if (Status found = find_pipe(main, log); !found) return found;
  // The log before its main: what that says at its start must find a reader soon. But a log, too, may ask about its
  // service in its first moment, and must not be told that one that goes on is down.
  const bool goes_on = main && (main->alive || main->image);
  if (goes_on)
    begin(Role::Main, std::exchange(main, std::nullopt));
  else if (machine_.log)
    show_unbegun_main();
  if (machine_.log && !closed_) begin(Role::Log, std::move(log));
  if (!goes_on && !closed_) begin(Role::Main, std::move(main));
  if (main_left && !closed_) resume_end_of_log();
  return ok();
}

void ServiceGroup::record_image(Role role, const Actions& pending) noexcept {
  const auto index = static_cast<std::size_t>(role);
  supervisor_.processes_.note_image(records_[index], machine_.of(role), pending, held_exit_[index]);
}

void ServiceGroup::trace(Role role, const std::optional<TraceEntry>& entry) noexcept {
  if (entry) supervisor_.processes_.note_trace(records_[static_cast<std::size_t>(role)], *entry);
}

void ServiceGroup::trace(Role role, const Actions& actions, const Now& now) noexcept {
  for (const Action& action : actions) trace(role, traced(action, machine_.of(role), now));
}

void ServiceGroup::record_processes() noexcept {
  for (Role role : {Role::Main, Role::Log}) {
    const auto index = static_cast<std::size_t>(role);
    if (!machine_.has(role) || !clock_of(role).begun) continue;
    supervisor_.processes_.note_group(records_[index], machine_.main_left, shutdown_wanted_);
    record_image(role, {});
    supervisor_.processes_.settle(records_[index], machine_.of(role).record);
  }
}

namespace {

/// Whether clients of the family see by this file that a service is normally down.
bool is_down_file(const Dialect& family, const char* file) {
  const char* const name = family.convention.main.down_file;
  return name != nullptr && std::string_view(file) == name;
}

/// Whoever loads a service may call it anything.
bool can_be_shown(std::string_view name) {
  constexpr std::string_view kLog = "/log";
  if (name.ends_with(kLog)) name.remove_suffix(kLog.size());
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

}  // namespace

Status ServiceGroup::attach(ViewTree& tree) {
  const std::string name(shown());
  if (!can_be_shown(name)) return Error{EINVAL, "show", name};
  const SuperviseLayout& layout = tree.dialect->layout;
  const int root = tree.root.get();
  if (layout.directory == nullptr) return stand_in(tree);
  if (tree.dialect == spec_.home) {
    // A log that is a service of its own is seen through its main's link, and below a link nothing is made.
    return name.find('/') == std::string::npos ? link_to_directory(root, name.c_str(), place()) : ok();
  }
  if (const std::size_t slash = name.find('/'); slash != std::string::npos) {
    // It may come before its main.
    if (Status made = make_directory(root, name.substr(0, slash).c_str(), kViewMode); !made) return made;
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
  Status shown = show(Role::Main, name);
  if (shown && machine_.log && !layout.log_with_main) shown = show(Role::Log, name + "/log");
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
  const std::string name(shown());
  // Its log is asked for by the same name.
  if (name.find('/') != std::string::npos) return ok();
  const int root = tree.root.get();
  struct stat st;
  // A client may have changed it since.
  const bool is_left =
      supervisor_.descriptors().resumes() && ::fstatat(root, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (Status made = make_directory(root, name.c_str(), kViewMode); !made) return made;
  // Where the directory itself tells that its service is looked after, it does.
  if (!is_left && tree.dialect->scan.only_sticky &&
      ::fchmodat(root, name.c_str(), kViewMode | S_ISVTX, 0) != 0)
    return error_here("chmod", name);
  if (::fstatat(root, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return error_here("stat", name);
  tree.names[{st.st_dev, st.st_ino}] = name;
  return show_files(tree, Role::Main, name);
}

void ServiceGroup::detach(const ViewTree& tree) noexcept {
  const int root = tree.root.get();
  if (tree.dialect == spec_.home) {
    const std::string name(shown());
    if (name.find('/') == std::string::npos) ::unlinkat(root, name.c_str(), 0);
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
  record_processes();
  for (Role role : {Role::Main, Role::Log}) {
    const auto index = static_cast<std::size_t>(role);
    supervisor_.processes_.release(std::exchange(records_[index], ProcessTable::kNone));
    if (adopted_[index]) {
      adopted_[index]->watch.end();
      supervisor_.loop_.timers().disarm(*adopted_[index]);
    }
    if (ready_pipes_[index]) ready_pipes_[index]->watch.end();
    if (!machine_.has(role)) continue;
    supervisor_.loop_.timers().disarm(clock_of(role));
    // Whatever is left running is nobody's any more.
    for (std::int32_t pid : {machine_.of(role).record.pid, machine_.of(role).custom_pid})
      if (pid > 0) supervisor_.pids_.take(pid);
  }
  // What lives on stays in its tree, for who comes next.
  if (tree_) {
    tree_->watch.end();
    tree_->processes.forget();
    tree_.reset();
    --supervisor_.heirs_;
  }
  supervisor_.loop_.timers().disarm(republisher_);
  if (log_end_) supervisor_.loop_.timers().disarm(*log_end_);
  for (const std::unique_ptr<Facade>& facade : facades_) shut(*facade);
  if (parting_) tell_waiters(*parting_);
  own_pipe_.reset();
  spec_.input.reset();
  if (spec_.output && leaves_) spec_.output->note_leaving(-1, true);
  spec_.output.reset();
  spec_.directory.reset();
  spec_.supervise.reset();
}

bool ServiceGroup::lacks_group(const ControlCommand& command) const noexcept {
  if (!command.to_group || !signals(command.verb) || !machine_.has(command.role)) return false;
  const std::int32_t pid = machine_.of(command.role).record.pid;
  return pid > 0 && !leads_group(pid);
}

void ServiceGroup::command(const ControlCommand& command) noexcept {
  if (machine_.has(command.role)) dispatch(command.role, event::Command{command});
}

void ServiceGroup::command(const ControlCommand& command, const Dialect& said_in) noexcept {
  if (lacks_group(command)) {
    tell_unreachable(machine_.of(command.role).record.pid, ESRCH, "its process group");
    return;
  }
  if (command.verb == Verb::Exit) remark(home().wording.leaving);
  // Exit stops a service in some families and waits for its end in others: whoever says it means his own.
  if (&said_in == &home() || command.verb != Verb::Exit) {
    this->command(command);
    return;
  }
  if (!machine_.has(command.role)) return;
  constexpr auto kExit = static_cast<std::size_t>(Verb::Exit);
  GroupConvention scratch = conventions();
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
  // Of the run that was started, and not of what it has left behind.
  if (convention(role).notify != nullptr && pid == machine.record.pid && !machine.outlived) {
    const bool exited = status.kind == ExitStatus::Kind::Exited;
    run_notify(role, script_name(convention(role), machine.record.phase), exited ? "exit" : "killed", pid,
               status.value);
  }
  if (machine.awaiting_custom() && pid == machine.record.pid)
    held_exit_[static_cast<std::size_t>(role)] = event::Exited{pid, status};
  else
    dispatch(role, end_of(role, pid, status));
}

void ServiceGroup::on_stop(Role role, std::int32_t pid, bool stopped) noexcept {
  dispatch(role, event::Stopped{pid, stopped});
}

void ServiceGroup::on_timer(Role role) noexcept { dispatch(role, event::TimerFired{}); }

void ServiceGroup::on_adopted_end(Role role) noexcept {
  std::unique_ptr<Adopted>& adopted = adopted_[static_cast<std::size_t>(role)];
  adopted->watch.end();
  adopted->process.reset();
  supervisor_.loop_.timers().disarm(*adopted);
  on_exit(role, adopted->pid, ExitStatus::unknown());
}

void ServiceGroup::look_at_adopted(Role role) noexcept {
  Adopted& adopted = *adopted_[static_cast<std::size_t>(role)];
  const std::optional<ProcessFacts> facts = facts_of(adopted.pid);
  if (facts && facts->start_ticks == adopted.start_ticks)
    supervisor_.loop_.timers().arm(adopted, supervisor_.loop_.clock().now().steady + kLookForAdopted);
  else
    on_adopted_end(role);
}

void ServiceGroup::on_ready_pipe(Role role) noexcept {
  ReadyPipe& pipe = *ready_pipes_[static_cast<std::size_t>(role)];
  char bytes[256];
  const ssize_t got = ::read(pipe.fd.get(), bytes, sizeof bytes);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const bool ready = got > 0 && std::memchr(bytes, '\n', static_cast<std::size_t>(got)) != nullptr;
  // Who goes on saying nothing is heard no more: it would keep us from the others.
  if (got > 0 && !ready && (pipe.heard += static_cast<std::size_t>(got)) < kMostUnready) return;
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
  // A byte may start a script that the next one has to wait for; in the FIFO it waits best.
  const std::size_t at_once = convention(role).custom_control ? 1 : kControlAtOnce;
  const Clock& clock = supervisor_.loop_.clock();
  const Instant enough = clock.now().steady + kControlTime;
  std::uint8_t bytes[kControlAtOnce];
  // What is said in one breath is one change, however many commands a flood may bring.
  draining_ = true;
  for (std::size_t budget = kControlPerTurn; budget > 0 && !closed_ && !awaiting_custom(facade);) {
    const std::size_t got = facade.view.read_control({bytes, at_once});
    if (got == 0) break;
    budget -= std::min(budget, got);
    for (std::size_t i = 0; i < got && !closed_; ++i) {
      std::optional<ControlCommand> decoded = facade.view.dialect().control.decode(bytes[i], facade.mode);
      if (!decoded) continue;
      if (role == Role::Log) decoded->role = Role::Log;
      if (decoded->verb == Verb::Exit && convention(role).exit_comes_last)
        facade.exit = decoded;
      else
        command(*decoded, facade.view.dialect());
    }
    if (clock.now().steady >= enough) break;
  }
  // Nothing calls us again for a FIFO that has just become empty.
  if (!closed_ && (facade.mode != 0 || facade.exit) && facade.view.control_is_empty()) {
    facade.mode = 0;
    if (const std::optional<ControlCommand> exit = std::exchange(facade.exit, std::nullopt))
      command(*exit, facade.view.dialect());
  }
  draining_ = false;
  flush();
}

void ServiceGroup::read_setting(Setting setting, Convention& rules) noexcept {
  if (family().configure == nullptr) return;
  const auto bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(setting));
  const FilesOf files(directory(), family().wording.setting, spec_.name, (complained_ & bit) != 0);
  family().configure(files, setting, rules);
  complained_ = static_cast<std::uint8_t>(files.wrong() ? complained_ | bit : complained_ & ~bit);
}

bool ServiceGroup::has_own_rules(bool anew) noexcept {
  if (anew || !own_rules_) own_rules_ = ::faccessat(directory(), kBackOffDirectory, F_OK, 0) == 0;
  return *own_rules_;
}

template <class Parse>
auto ServiceGroup::read_own_rules(const char* file, std::span<char> room, std::uint8_t bit,
                                  const Parse& parse) noexcept -> decltype(parse(std::string_view())) {
  const FilesOf files(directory(), "", spec_.name, true);
  const std::optional<std::string_view> text = files.read(file, room);
  auto rules = text ? parse(*text) : std::nullopt;
  const bool wrong = text && !rules;
  if (wrong && (complained_ & bit) == 0)
    say(message(home().wording.warning, spec_.name, error_here("use", file, EINVAL), home().wording.reason));
  complained_ = static_cast<std::uint8_t>(wrong ? complained_ | bit : complained_ & ~bit);
  return rules;
}

std::optional<BackOff> ServiceGroup::read_back_off() noexcept {
  char room[kLongestBackOff + 1];
  if (!has_own_rules(true)) return std::nullopt;
  return read_own_rules(kBackOffFile, room, kBackOffBit, parse_back_off);
}

std::optional<TreeWish> ServiceGroup::read_tree_wish() noexcept {
  char room[kLongestTreeWish + 1];
  if (!has_own_rules(false)) return std::nullopt;
  return read_own_rules(kTreeWishFile, room, kTreeWishBit, parse_tree_wish);
}

namespace {

/// The name of its control group: the same for whoever supervises it next.
std::string group_name(const ServiceIdentity& service) {
  char name[64];
  std::snprintf(name, sizeof name, "%llx-%llx-%llx",
                static_cast<unsigned long long>(service.directory.device),
                static_cast<unsigned long long>(service.directory.inode),
                static_cast<unsigned long long>(service.made));
  return name;
}

}  // namespace

UniqueFd ServiceGroup::plan_tree(SpawnPlan& plan, Head& head) noexcept {
  end_tree();
  const std::optional<TreeWish> wish = read_tree_wish();
  if (!wish) return UniqueFd{};
  try {
    return make_tree(*wish, plan, head);
  } catch (const std::bad_alloc&) {
    // It runs without.
    warn({ENOMEM, "use", kTreeWishFile});
    plan.head = nullptr;
    plan.group = -1;
    return UniqueFd{};
  }
}

UniqueFd ServiceGroup::make_tree(const TreeWish& wish, SpawnPlan& plan, Head& head) {
  const ProcessTable::Place record = records_[static_cast<std::size_t>(Role::Main)];
  tree_ = std::make_unique<Tree>(*this, wish);
  // Another may come to stand for it.
  supervisor_.pids_.reserve(supervisor_.most_processes_ + ++supervisor_.heirs_);
  const std::optional<std::string>& groups = supervisor_.control_group();
  const std::optional<ServiceIdentity> identity = service_identity(directory());
  if (groups && identity) {
    if (Result<UniqueFd> group = open_group(*groups, group_name(*identity))) {
      tree_->processes = ProcessTree::in_group(group_directory(*groups, group_name(*identity)));
      supervisor_.processes_.note_tree(record, kInGroup, 0);
      plan.group = group->get();
      return std::move(*group);
    }
  }
  if (tells_children()) {
    plan.head = &head;
  } else {
    warn(error_here("use", kTreeWishFile, EOPNOTSUPP));
    end_tree();
  }
  return UniqueFd{};
}

void ServiceGroup::begin_tree(std::int32_t pid, Head head) noexcept {
  if (!tree_) return;
  if (head.pid <= 0) {
    if (!facts_of(pid) || !tree_->processes.members().empty()) return;
    // It is not where it was to be born: this one goes without, and the next one gets a head.
    warn(error_here("join", kTreeWishFile, EOPNOTSUPP));
    supervisor_.forgo_control_groups();
    end_tree();
    return;
  }
  tree_->processes = ProcessTree::below(head.pid);
  listen_to_head(std::move(head.told));
}

void ServiceGroup::listen_to_head(UniqueFd told) noexcept {
  struct stat st {};
  if (told) (void)::fstat(told.get(), &st);
  supervisor_.processes_.note_tree(records_[static_cast<std::size_t>(Role::Main)], tree_->processes.head(),
                                   st.st_ino);
  if (!told) return;
  tree_->told = std::move(told);
  Result<Watch> watched = supervisor_.loop_.watch(tree_->told.get(), *tree_);
  if (watched)
    tree_->watch = std::move(*watched);
  else
    warn(watched.error());
}

void ServiceGroup::hear_head() noexcept {
  HeadTells tells;
  for (;;) {
    const ssize_t got = ::read(tree_->told.get(), &tells, sizeof tells);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got != static_cast<ssize_t>(sizeof tells)) break;
    if (tells.pid != machine_.main.record.pid) continue;
    on_exit(Role::Main, tells.pid, exit_status_of(tells.status));
    if (!tree_ || !tree_->told) return;
  }
  // It has ended, as all below it have; or somebody has killed it, and they go on without.
  const std::int32_t pid = machine_.main.record.pid;
  const bool runs = pid > 0 && machine_.main.record.phase == Phase::Running;
  end_tree();
  if (!runs) return;
  LeftBehind left;
  left.record.pid = pid;
  left.process = open_process(pid);
  const std::optional<ProcessFacts> facts = facts_of(pid);
  if (facts) left.start_ticks = facts->start_ticks;
  if (!facts || !adopt(Role::Main, left)) on_exit(Role::Main, pid, ExitStatus::unknown());
}

void ServiceGroup::end_tree() noexcept {
  if (!tree_) return;
  tree_->watch.end();
  tree_->processes.forget();
  supervisor_.processes_.note_tree(records_[static_cast<std::size_t>(Role::Main)], kNoTree, 0);
  tree_.reset();
  --supervisor_.heirs_;
}

void ServiceGroup::resume_tree(const LeftBehind& left) noexcept {
  const ProcessRecord& record = left.record;
  if (record.tree == kNoTree || record.script != Script::Run) return;
  ProcessTree processes;
  if (record.tree == kInGroup) {
    const std::optional<std::string>& groups = supervisor_.control_group();
    const std::optional<ServiceIdentity> identity = service_identity(directory());
    if (!groups || !identity) return;
    processes = ProcessTree::in_group(group_directory(*groups, group_name(*identity)));
  } else {
    // Of a number that somebody else may have by now, its child or its parent is evidence.
    const std::optional<ProcessFacts> head = facts_of(record.tree);
    const std::optional<ProcessFacts> main = left.alive ? facts_of_any(record.pid) : std::nullopt;
    const bool is_keepers = head && kept() != nullptr && head->parent == kept()->keeper;
    if (!head || (!is_keepers && (!main || main->parent != record.tree))) return;
    processes = ProcessTree::below(record.tree);
  }
  tree_ = std::make_unique<Tree>(*this, read_tree_wish().value_or(TreeWish{}));
  tree_->processes = std::move(processes);
  supervisor_.pids_.reserve(supervisor_.most_processes_ + ++supervisor_.heirs_);
  if (record.tree != kInGroup)
    listen_to_head(supervisor_.descriptors().take_pipe(record.head_pipe, FdStore::For::Reading));
}

bool ServiceGroup::hear_end_of_heir(std::int32_t pid, const ProcessFacts& facts) noexcept {
  // Its head tells.
  if (tree_->told) return true;
  constexpr auto kMain = static_cast<std::size_t>(Role::Main);
  const bool is_keepers = kept() != nullptr && facts.parent == kept()->keeper;
  if (is_keepers || facts.parent == ::getpid()) {
    supervisor_.pids_.insert({pid, Role::Main, this});
    if (is_keepers) keepers_[kMain] = pid;
    return true;
  }
  LeftBehind left;
  left.record.pid = pid;
  left.start_ticks = facts.start_ticks;
  left.process = open_process(pid);
  // What was seen before it was opened may have been another's.
  const std::optional<ProcessFacts> again = facts_of(pid);
  return again && again->start_ticks == facts.start_ticks && adopt(Role::Main, left);
}

Event ServiceGroup::end_of(Role role, std::int32_t pid, ExitStatus status) noexcept {
  const StatusRecord& record = machine_.of(role).record;
  if (role != Role::Main || !tree_ || pid != record.pid || record.phase != Phase::Running)
    return event::Exited{pid, status};
  constexpr int kMostTries = 16;
  for (int tries = 0; tries < kMostTries; ++tries) {
    const pid_t heir = tree_->processes.eldest();
    if (heir == 0) break;
    const std::optional<ProcessFacts> facts = facts_of(heir);
    if (!facts || !hear_end_of_heir(heir, *facts)) continue;
    supervisor_.processes_.note_heir(records_[static_cast<std::size_t>(Role::Main)], heir,
                                     facts->start_ticks);
    return event::Outlived{heir, status, tree_->wish.follow, tree_->wish.wait};
  }
  end_tree();
  return event::Exited{pid, status};
}

const GroupConvention& ServiceGroup::rules_for(Role role, const Event& event, const GroupConvention& rules,
                                               std::optional<GroupConvention>& own) noexcept {
  if (role != Role::Main) return rules;
  // Each of them may be what a next start follows upon.
  if (std::holds_alternative<event::Exited>(event) || std::holds_alternative<event::ScriptAbsent>(event) ||
      std::holds_alternative<event::SpawnFailed>(event)) {
    const std::optional<BackOff> back_off = read_back_off();
    if (!back_off) return rules;
    own = rules;
    own->main.back_off = back_off;
    return *own;
  }
  if (family().configure == nullptr) return rules;
  const auto changed = [&](std::initializer_list<Setting> settings) -> const GroupConvention& {
    own = rules;
    for (const Setting setting : settings) read_setting(setting, own->main);
    return *own;
  };
  if (const auto* const said = std::get_if<event::Command>(&event)) {
    if (!machine_.main.has_process()) return rules;
    const Steps& steps = rules.main.steps(said->command.verb);
    const auto includes = [&](Do what) { return std::find(steps.begin(), steps.end(), what) != steps.end(); };
    if (includes(Do::ArmKill)) return changed({Setting::DownSignal, Setting::KillAfter});
    if (includes(Do::Terminate)) return changed({Setting::DownSignal});
    const bool reloads = said->command.verb == Verb::Signal && said->command.signal == 0;
    return reloads ? changed({Setting::ReloadSignal}) : rules;
  }
  const auto* const spawned = std::get_if<event::Spawned>(&event);
  const auto* const adopted = std::get_if<event::Adopted>(&event);
  const bool finishes = (spawned != nullptr && spawned->script == Script::Finish) ||
                        (adopted != nullptr && adopted->script == Script::Finish);
  return finishes ? changed({Setting::FinishLimit}) : rules;
}

void ServiceGroup::tell_given_up(const std::optional<GroupConvention>& rules) noexcept {
  const ServiceMachine& main = machine_.main;
  if (!main.record.gave_up || !rules || !rules->main.back_off) return;
  const std::uint32_t failures = rules->main.back_off->failures;
  if (failures == 0 || main.ends < failures) return;
  char why[64];
  if (main.ends == 1)
    std::snprintf(why, sizeof why, "it has ended, and stays down");
  else
    std::snprintf(why, sizeof why, "it has ended %u times in a row, and stays down", main.ends);
  say(expand(home().wording.warning, {{"name", called()},
                                      {"what", "keep it up"},
                                      {"operation", "keep"},
                                      {"object", "it up"},
                                      {"path", "it up"},
                                      {"why", why}}));
}

void ServiceGroup::dispatch(Role role, Event event) noexcept { dispatch(role, event, conventions()); }

void ServiceGroup::dispatch(Role role, Event event, const GroupConvention& rules) noexcept {
  std::optional<Event> next = event;
  while (next && !closed_) {
    const WallTime ended = machine_.of(role).record.run_ended;
    const bool had_given_up = machine_.of(role).record.gave_up;
    std::optional<GroupConvention> own;
    // A process is as old as what was shown of it before it began.
    const std::optional<Now> born = std::exchange(supervisor_.born_, std::nullopt);
    const Now now = born ? *born : supervisor_.loop_.clock().now();
    const std::optional<TraceEntry> heard = traced(*next, machine_.of(role), now);
    GroupActions answer = step(machine_, role, *next, rules_for(role, *next, rules, own), now);
    trace(role, heard);
    trace(role, answer.of_role, now);
    if (!answer.of_log.empty()) trace(Role::Log, answer.of_log, now);
    if (machine_.of(role).record.run_ended != ended) count_death(role);
    if (!had_given_up && role == Role::Main) tell_given_up(own);
    // Who hears that it is supervised no more may take it up at once: its lock is to be free then.
    if (answer.retire) parting_ = role;
    // Before anything is done: who goes on in our place does it.
    record_image(role, answer.of_role);
    if (role == Role::Main) note_leaving();
    if (is_log_of_its_own() && role == Role::Main && spec_.input->has_last_words() && !answer.retire &&
        machine_.main.record.want == Want::Down)
      let_log_read(false, answer.of_role);
    next = perform(role, answer.of_role);
    if (!answer.of_log.empty() && !answer.retire && own_pipe_)
      let_log_read(answer.close_log_input, answer.of_log);
    if (answer.close_log_input && !log_reads_to_end()) own_pipe_.reset();
    if (!answer.of_log.empty()) (void)perform(Role::Log, answer.of_log);
    if (answer.retire) {
      flush();
      supervisor_.retire(*this);
      return;
    }
  }
  settle();
}

void ServiceGroup::tell_unreachable(std::int32_t pid, int error, const char* what) noexcept {
  // For each process that is news once.
  if (std::exchange(unreachable_, pid) != pid) warn(error_here("signal", what, error));
}

void ServiceGroup::send(ServiceMachine& machine, const Action& action) noexcept {
  // Whoever leads no group is a member of another's, of the supervisor's own for instance.
  const bool lacks_group = action.to_group && !leads_group(action.pid);
  if (!lacks_group) {
    if (::kill(action.to_group ? -action.pid : action.pid, action.signal) == 0 || errno == ESRCH) return;
    // It has another user than ours, or no process here may be sent signals.
    tell_unreachable(action.pid, errno, "");
  } else {
    tell_unreachable(action.pid, ESRCH, "its process group");
  }
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
      case Action::Kind::EndLeft:
        flush();
        if (tree_)
          tree_->processes.signal(action.signal);
        else
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

void ServiceGroup::let_log_read(bool closes, Actions& of_log) noexcept {
  if (!log_end_) return;
  Actions now;
  bool ends = false;
  for (const Action& action : of_log) {
    if (action.kind != Action::Kind::Kill || action.signal != SIGTERM) {
      now.push_back(action);
      continue;
    }
    ends = true;
    if (log_end_->due.empty()) log_end_->due.push_back(action);
  }
  if (!ends) return;
  of_log = now;
  if (closes) own_pipe_->end_writing();
  log_end_->keeps_pipe = !closes;
  log_end_->unread = INT_MAX;
  const Instant begun = supervisor_.loop_.clock().now().steady;
  log_end_->patience = begun + kLogPatience;
  log_end_->limit = begun + kLogLimit;
  supervisor_.loop_.timers().arm(*log_end_, begun + kLookAtLog);
}

void ServiceGroup::end_log() noexcept {
  const Instant now = supervisor_.loop_.clock().now().steady;
  const InputPipe* const pipe = own_pipe_ ? &*own_pipe_ : spec_.input.get();
  const int unread = pipe != nullptr ? pipe->unread() : 0;
  // One that is a service of its own is ended after its main, and not before.
  const bool goes_on = pipe != nullptr && pipe->awaits_last_words();
  if (goes_on || (unread < log_end_->unread && unread > 0)) log_end_->patience = now + kLogPatience;
  // Seen twice to be empty: what it had read then it has written by now. One that has been closed tells the
  // log itself that this was all.
  const bool has_read = log_end_->keeps_pipe && pipe != nullptr && pipe->is_open() && !goes_on &&
                        unread == 0 && log_end_->unread == 0;
  log_end_->unread = goes_on ? INT_MAX : unread;
  if (!has_read && now < log_end_->patience && now < log_end_->limit) {
    supervisor_.loop_.timers().arm(*log_end_, now + kLookAtLog);
    return;
  }
  const Role role = log_end_->role;
  for (const Action& action : log_end_->due)
    if (machine_.has(role) && machine_.of(role).record.pid == action.pid &&
        (own_pipe_ || machine_.of(role).record.want == Want::Down))
      ::kill(action.pid, action.signal);
  log_end_->due.clear();
  if (!log_end_->keeps_pipe) own_pipe_.reset();
}

void ServiceGroup::tell_waiters(Role role) noexcept {
  if (untold_.empty() || (parting_ && !closed_)) return;
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
  int most = convention(role).death_tally;
  for (const std::unique_ptr<Facade>& facade : facades_) {
    if (facade->view.role() != role || facade->view.dialect().layout.tally.name == nullptr) continue;
    if (family().configure != nullptr) {
      Convention own = convention(role);
      read_setting(Setting::DeathTally, own);
      most = own.death_tally;
    }
    facade->view.count_death(record.run_ended, record.exit_of(Script::Run), most);
  }
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
  std::optional<Convention> own;
  if (script == Script::Run && role == Role::Main && family().configure != nullptr) {
    own = convention(role);
    read_setting(Setting::Descriptors, *own);
  }
  const Convention& rules = own ? *own : convention(role);
  const ScriptRule& rule = rules.script(script);
  struct stat st;
  if (script == Script::Run && ::fstat(directory(), &st) == 0 && st.st_nlink == 0) {
    // The service directory has been removed: there will never be anything to execute in it.
    leaving_ = true;
    return event::SpawnFailed{script};
  }
  if (!present(role, rule)) return event::ScriptAbsent{script};
  const char* file = rule.file;
  const char* bare = file[0] == '.' && file[1] == '/' ? file + 2 : file;
  const Line shown = subdirectory(role) != nullptr ? Line(kLogDirectory).add("/").add(file) : Line(file);
  const Line prefix =
      expand(spec_.home->wording.start_failed, {{"name", called()}, {"file", shown}, {"script", bare}});
  const ScriptArguments arguments(rule, machine_.of(role).record, called().c_str());
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
  if (script == Script::Run && !give_descriptors(role, rules, plan, given)) return event::SpawnFailed{script};
  if (own_pipe_) {
    (role == Role::Log ? plan.input : plan.output) =
        role == Role::Log ? own_pipe_->read_end() : own_pipe_->write_end();
  } else {
    if (spec_.input) plan.input = spec_.input->read_end();
    if (spec_.output) plan.output = spec_.output->write_end();
  }
  plan.with_errors = plan.output >= 0 && conventions().log_hears_errors;
  give_errors(plan);
  UniqueFd null;
  if (rule.null_input) {
    null = open_nothing();
    plan.input = null.get();
  }
  Head head;
  UniqueFd own_group;
  if (script == Script::Run && role == Role::Main) own_group = plan_tree(plan, head);
  supervisor_.environment_.give(rule, machine_.of(role), supervisor_.loop_.clock().now().steady, plan);
  Birth birth(*this, role, script);
  plan.listener = &birth;
  supervisor_.processes_.intend(records_[static_cast<std::size_t>(role)], script);
  supervisor_.born_.reset();
  Result<pid_t> pid = supervisor_.spawner_.spawn(plan);
  if (!pid) {
    // One that could not be executed has been shown.
    supervisor_.born_.reset();
    dirty_ = true;
    if (script == Script::Run && role == Role::Main) end_tree();
    // A home that never knows whether run was executed has no words of its own for that.
    const Wording& wording = home().wording;
    const bool has_words = pid.error().operation == "spawn" && *wording.not_executed != '\0';
    say(message(has_words ? wording.not_executed : wording.warning, spec_.name, pid.error(), wording.reason));
    return event::SpawnFailed{script};
  }
  if (plan.head == nullptr) supervisor_.pids_.insert({*pid, role, this});
  if (script == Script::Run && role == Role::Main) begin_tree(*pid, std::move(head));
  if (*home().wording.started != '\0') {
    char number[12];
    std::snprintf(number, sizeof number, "%d", *pid);
    say(expand(home().wording.started, {{"name", spec_.name}, {"script", bare}, {"pid", number}}));
  }
  if (rules.notify != nullptr) run_notify(role, bare, "start", *pid, 0);
  return event::Spawned{script, *pid};
}

void ServiceGroup::give_errors(SpawnPlan& plan) const noexcept {
  if (spec_.errors >= 0) plan.extra.back() = {spec_.errors, STDERR_FILENO};
}

void ServiceGroup::on_birth(Role role, Script script, std::int32_t pid) noexcept {
  supervisor_.processes_.note_process(records_[static_cast<std::size_t>(role)], pid);
  // The machine hears of it when it has been executed, with this moment as its beginning: what it then has to
  // show is on disk.
  supervisor_.born_ = supervisor_.loop_.clock().now();
  GroupMachine shown = machine_;
  (void)step(shown, role, event::Spawned{script, pid}, conventions(), *supervisor_.born_);
  flush(shown.snapshot());
}

bool ServiceGroup::give_descriptors(Role role, const Convention& rules, SpawnPlan& plan,
                                    std::array<UniqueFd, 2>& given) noexcept {
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
    reader->fd.reset(ends[0]);
    reader->heard = 0;
    // A service may write anything, a newline never: the supervisor waits for nothing.
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    Result<Watch> watched = supervisor_.loop_.watch(ends[0], *reader);
    if (!watched) {
      warn(watched.error());
      return false;
    }
    reader->watch = std::move(*watched);
    if (struct stat st; ::fstat(ends[0], &st) == 0)
      supervisor_.processes_.note_ready_pipe(records_[static_cast<std::size_t>(role)], st.st_ino);
    plan.extra[0] = {ends[1], rules.ready_fd};
  }
  if (rules.lock_fd >= 0) {
    const Facade* seen = home_facade(role);
    char path[kLongestLockPath];
    std::snprintf(path, sizeof path, "%s/service-lock",
                  seen != nullptr ? seen->view.dialect().layout.directory : ".");
    given[1].reset(::openat(directory(), path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    struct stat st;
    if (given[1] && (::fstat(given[1].get(), &st) != 0 || !S_ISREG(st.st_mode))) {
      warn({EINVAL, "lock", path});
      return false;
    }
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
  give_errors(plan);
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
  give_errors(plan);
  Result<pid_t> pid = supervisor_.spawner_.spawn(plan);
  if (!pid) {
    warn(pid.error());
    return event::CustomAbsent{};
  }
  supervisor_.pids_.insert({*pid, role, this});
  trace(role, trace_entry(supervisor_.loop_.clock().now(), TraceEntry::Kind::CustomStarted,
                          static_cast<std::uint8_t>(letter)));
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
  if (dirty_ && !closed_) flush(machine_.snapshot());
}

void ServiceGroup::flush(const GroupSnapshot& snapshot) noexcept {
  int error = 0;
  // Who has seen that main is up may ask for its log.
  for (const Role role : {Role::Log, Role::Main})
    for (const std::unique_ptr<Facade>& facade : facades_)
      if (facade->view.role() == role) publish(*facade, snapshot, error);
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
  record_processes();
  if (!machine_.main.has_process() && machine_.main.record.phase == Phase::Stopped) own_rules_.reset();
  for (Role role : {Role::Main, Role::Log}) {
    std::optional<event::Exited>& held = held_exit_[static_cast<std::size_t>(role)];
    if (!held || machine_.of(role).awaiting_custom()) continue;
    const event::Exited exit = *held;
    held.reset();
    dispatch(role, end_of(role, exit.pid, exit.status));
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
