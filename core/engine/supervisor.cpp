#include "core/engine/supervisor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <set>

#include "core/engine/run_directory.h"
#include "core/sys/control_groups.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"
#include "core/sys/process.h"

namespace kindred {
namespace {

// Kept free for status files, directories that are read, and new connections.
constexpr std::uint64_t kSpareDescriptors = 24;
constexpr std::size_t kTimersPerGroup = 3;

}  // namespace

ExitStatus exit_status_of(int wait_status) noexcept {
  if (WIFSIGNALED(wait_status)) return ExitStatus::signaled(WTERMSIG(wait_status), WCOREDUMP(wait_status));
  return ExitStatus::exited(WEXITSTATUS(wait_status));
}

const std::optional<std::string>& Supervisor::control_group() {
  if (!control_group_)
    control_group_ = std::make_unique<std::optional<std::string>>(own_control_group(known_pid() == 1));
  return *control_group_;
}

Supervisor::~Supervisor() { loop_.timers().disarm(reap_later_); }

Status Supervisor::open(Signals& signals, std::uint64_t limit) {
  signals_ = &signals;
  descriptor_limit_ = limit;
  loop_.timers().reserve_besides(1);
  processes_.take_held(descriptors_.take_memory(kTableBeginning));
  if (Status recorded = processes_.open(default_run_directory()); !recorded) no_table_ = recorded.error();
  // A child of the program that we were started in place of may have died before SIGCHLD was ours.
  while (reap(-1)) {
  }
  Result<Watch> watched = loop_.watch_last(signals.fd(), *this);
  if (!watched) return watched.error();
  watch_ = std::move(*watched);
  return listen_to_keeper();
}

Status Supervisor::listen_to_keeper() {
  if (kept() == nullptr) return ok();
  Result<Watch> watched = loop_.watch(kept()->link, keeper_link_);
  if (!watched) return watched.error();
  keeper_link_.watch = std::move(*watched);
  look_for_keeper();
  return ok();
}

void Supervisor::hear_keeper() noexcept {
  Ended ended;
  while (!told_ && kept() != nullptr &&
         ::recv(kept()->link, &ended, sizeof ended, MSG_DONTWAIT) == static_cast<ssize_t>(sizeof ended)) {
    // Between two things that are done: the next core, of a newer program perhaps, goes on from here.
    if (ended.pid == 0) ::_exit(0);
    told_ = ended;
    take_told();
  }
}

void Supervisor::take_told() noexcept {
  if (!told_) return;
  const bool known = pids_.find(told_->pid).pid != 0;
  // It may be that of a service that is to be added yet.
  if (!known && !all_added_ && processes_.is_left(told_->pid)) return;
  const Ended ended = *std::exchange(told_, std::nullopt);
  const PidEntry entry = pids_.take(ended.pid);
  if (entry.pid != 0) entry.owner->on_exit(entry.role, ended.pid, exit_status_of(ended.status));
  // Now that it is written down.
  const Ended heard{ended.pid, 0};
  if (kept() != nullptr) (void)::send(kept()->link, &heard, sizeof heard, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void Supervisor::all_added() noexcept {
  if (std::exchange(all_added_, true)) return;
  if (descriptors_.resumes()) remove_strangers();
  descriptors_.close_rest();
  take_told();
  processes_.end_deleted();
  processes_.forget_taken();
  processes_.release_pages();
}

void Supervisor::remove_strangers() noexcept {
  if (views_.empty()) return;
  std::set<std::string_view> shown;
  for (const std::unique_ptr<ServiceGroup>& group : groups_) {
    const std::string_view name = group->shown();
    shown.insert(name.substr(0, name.find('/')));
  }
  for (const std::unique_ptr<ViewTree>& view : views_)
    for (const std::string& name : directory_names(view->root.get(), "."))
      if (!shown.contains(name)) remove_tree(view->root.get(), name.c_str());
}

void Supervisor::look_for_keeper() noexcept {
  if (kept() == nullptr || ::getppid() == kept()->keeper) return;
  keeper_link_.watch.end();
  forget_keeper();
  all_added_ = true;
  take_told();
  for (std::size_t i = groups_.size(); i-- > 0;)
    if (i < groups_.size()) groups_[i]->lose_keeper();
  lost_keeper_ = true;
}

bool Supervisor::descriptors_left(int newest) const {
  // The kernel gives the lowest number that is free.
  return static_cast<std::uint64_t>(newest) + kSpareDescriptors < descriptor_limit_;
}

Result<ServiceGroup*> Supervisor::add(GroupSpec spec) {
  if (!descriptors_left(spec.directory.get())) return Error{EMFILE, "supervise", {}};
  auto group = std::make_unique<ServiceGroup>(*this, std::move(spec));
  // All that the group will ever need to be started, stopped and reaped is set aside now.
  pids_.reserve(most_processes_ + group->most_processes());
  loop_.timers().reserve(kTimersPerGroup * (groups_.size() + 1));
  groups_.reserve(groups_.size() < groups_.capacity() ? groups_.size() + 1 : groups_.size() * 2 + 1);
  retired_.reserve(groups_.capacity());
  ServiceGroup::Left left;
  if (Status opened = group->open(left); !opened) return opened.error();
  most_processes_ += group->most_processes();
  ServiceGroup* added = group.get();
  added->place_in_list_ = static_cast<std::uint32_t>(groups_.size());
  groups_.push_back(std::move(group));
  // Before it begins: what its first process asks about itself is answered in every dialect.
  for (const std::unique_ptr<ViewTree>& view : views_) {
    // It is supervised all the same.
    if (Status shown = added->attach(*view); !shown) added->warn(shown.error());
  }
  if (Status begun = added->begin(left); !begun) {
    retire(*added);
    return begun.error();
  }
  if (no_table_) added->warn(*std::exchange(no_table_, std::nullopt));
  while (const std::optional<Error> unread = processes_.take_complaint()) added->warn(*unread);
  take_told();
  return added;
}

bool Supervisor::command(ServiceGroup& group, const ControlCommand& command,
                         const Dialect* said_in) noexcept {
  if (group.machine().has(command.role) && group.machine().of(command.role).awaiting_custom()) return false;
  group.command(command, said_in != nullptr ? *said_in : group.home());
  return true;
}

void Supervisor::shut_down(ServiceGroup& group) noexcept { group.shut_down(); }

bool Supervisor::let_be_empty(ServiceGroup& group, Role role) noexcept {
  if (!group.machine().has(role)) return false;
  const Steps& down = group.convention(role).steps(Verb::Down);
  if (std::find(down.begin(), down.end(), Do::RestIfDown) == down.end()) return false;
  group.dispatch(role, event::EmptyIsUp{});
  return true;
}

void Supervisor::let_end(ServiceGroup& group) noexcept { group.let_end(); }

void Supervisor::shut_down_all() noexcept {
  // Logs know then whose last words they are to read. Backwards: a group that is down already leaves at once and
  // takes its place in the list with it.
  for (const bool logs : {false, true})
    for (std::size_t i = groups_.size(); i-- > 0;)
      if (i < groups_.size() && groups_[i]->is_log_of_its_own() == logs) groups_[i]->shut_down();
}

void Supervisor::command_all(const ControlCommand& command) noexcept {
  for (std::size_t i = groups_.size(); i-- > 0;)
    if (i < groups_.size()) groups_[i]->command(command);
}

void Supervisor::drop_output() noexcept {
  if (!serves_one_) return;
  const UniqueFd nothing = open_nothing();
  if (!nothing) return;
  ::dup2(nothing.get(), 0);
  ::dup2(nothing.get(), 1);
}

Status Supervisor::add_view(const Dialect& dialect, UniqueFd root, TreeHost* host) {
  for (const std::unique_ptr<ViewTree>& view : views_)
    if (view->dialect == &dialect) return Error{EEXIST, "add view", dialect.name};
  ViewTree& tree = *views_.emplace_back(std::make_unique<ViewTree>());
  tree.dialect = &dialect;
  tree.root = std::move(root);
  for (const std::unique_ptr<ServiceGroup>& group : groups_)
    if (Status shown = group->attach(tree); !shown) {
      (void)static_cast<bool>(remove_view(dialect));
      return shown;
    }
  if (host == nullptr || dialect.open_door == nullptr) return ok();
  tree.host = std::make_unique<ViewHost>(*host, tree);
  Result<std::unique_ptr<TreeDoor>> door =
      dialect.open_door(loop_, *tree.host, tree.root.get(), descriptors_);
  if (!door) {
    (void)static_cast<bool>(remove_view(dialect));
    return door.error();
  }
  tree.door = std::move(*door);
  return ok();
}

Status Supervisor::remove_view(const Dialect& dialect) noexcept {
  const auto found = std::find_if(views_.begin(), views_.end(), [&](const std::unique_ptr<ViewTree>& view) {
    return view->dialect == &dialect;
  });
  if (found == views_.end()) return Error{ENOENT, "remove view", dialect.name};
  for (const std::unique_ptr<ServiceGroup>& group : groups_) group->detach(**found);
  views_.erase(found);
  return ok();
}

void Supervisor::forget(const std::string& name) noexcept {
  for (const std::unique_ptr<ViewTree>& view : views_) {
    remove_tree(view->root.get(), name.c_str());
    std::erase_if(view->names, [&](const auto& known) { return known.second == name; });
  }
}

void Supervisor::kill_all() noexcept {
  for (const std::unique_ptr<ServiceGroup>& group : groups_)
    for (Role role : {Role::Main, Role::Log})
      if (group->machine().has(role) && group->machine().of(role).record.pid > 0) {
        ::kill(group->machine().of(role).record.pid, SIGKILL);
        ::kill(group->machine().of(role).record.pid, SIGCONT);
      }
  for (const std::unique_ptr<ServiceGroup>& group : groups_)
    if (group->tree_) group->tree_->processes.signal(SIGKILL);
}

SupervisorState Supervisor::state() const {
  SupervisorState state;
  for (const std::unique_ptr<ServiceGroup>& group : groups_) state.groups.push_back(group->state());
  return state;
}

void Supervisor::turn() noexcept {
  tell_obeyed();
  loop_.turn();
  retired_.clear();
}

void Supervisor::tell_obeyed() noexcept {
  for (int signal = 1; taken_ && signal < NSIG; ++signal) {
    if (::sigismember(&*taken_, signal) != 1) continue;
    const Ended obeyed{0, signal};
    if (kept() != nullptr) (void)::send(kept()->link, &obeyed, sizeof obeyed, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  taken_.reset();
}

void Supervisor::on_ready() noexcept {
  bool child = false;
  pid_t sender = 0;
  while (const int signal = signals_->next(&sender)) {
    if (signal != SIGCHLD) {
      if (!taken_) ::sigemptyset(&taken_.emplace());
      ::sigaddset(&*taken_, signal);
      // One that ends us is not forgotten for another that comes with it.
      if (signal_ != SIGTERM && signal_ != SIGINT) signal_ = signal;
      continue;
    }
    child = true;
    // Asking for any child makes the kernel look at all of them: with thousands, that can wait until this
    // one's service runs again.
    if (sender > 0) (void)reap(sender);
  }
  if (child) reap_all();
  // It is the signal of our parent's death, too.
  if (child) look_for_keeper();
}

void Supervisor::reap_all() noexcept {
  // Signals of children that die together are one, so it is asked for any, and the kernel looks at all of them. With
  // thousands that end one after the other it would do little else: a long look is followed by a pause.
  constexpr Duration kShort = std::chrono::microseconds(10);
  constexpr int kPause = 20;
  // It may have been long because others had the processor.
  constexpr Duration kLongest = std::chrono::milliseconds(20);
  const Clock& clock = loop_.clock();
  Instant began = clock.now().steady;
  if (began < reap_all_due_) {
    loop_.timers().arm(reap_later_, reap_all_due_);
    return;
  }
  while (reap(-1)) began = clock.now().steady;
  const Instant done = clock.now().steady;
  if (done - began > kShort) reap_all_due_ = done + std::min<Duration>(kPause * (done - began), kLongest);
}

bool Supervisor::reap(pid_t which) noexcept {
  siginfo_t info{};
  const int stops = notices_stops_ ? WSTOPPED | WCONTINUED : 0;
  const idtype_t whose = which > 0 ? P_PID : P_ALL;
  if (::waitid(whose, which > 0 ? static_cast<id_t>(which) : 0, &info, WEXITED | stops | WNOHANG | WNOWAIT) !=
          0 ||
      info.si_pid == 0)
    return false;
  const pid_t pid = info.si_pid;
  const int kind = info.si_code == CLD_STOPPED || info.si_code == CLD_TRAPPED ? WSTOPPED
                   : info.si_code == CLD_CONTINUED                            ? WCONTINUED
                                                                              : WEXITED;
  if (kind == WEXITED) {
    const PidEntry entry = pids_.take(pid);
    // Children that are not ours came with the program that we were started in place of.
    if (entry.pid != 0) entry.owner->on_exit(entry.role, pid, exit_status_of(wait_status_of(info)));
  } else {
    const PidEntry entry = pids_.find(pid);
    if (entry.pid != 0)
      entry.owner->on_stop(entry.role, pid, kind == WSTOPPED);
    else if (kind == WSTOPPED)
      ::kill(pid, SIGCONT);
  }
  // Last of all: if we were killed before it is written down, the next core would be told of it.
  (void)::waitid(P_PID, static_cast<id_t>(pid), &info, kind | WNOHANG);
  return true;
}

void Supervisor::retire(ServiceGroup& group) noexcept {
  const std::uint32_t place = group.place_in_list_;
  if (place >= groups_.size() || groups_[place].get() != &group) return;
  most_processes_ -= group.most_processes();
  retired_.push_back(std::move(groups_[place]));
  // Who goes through them all goes backwards, and has seen the last.
  if (place + 1 < groups_.size()) {
    groups_[place] = std::move(groups_.back());
    groups_[place]->place_in_list_ = place;
  }
  groups_.pop_back();
  group.close();
  if (listener_ != nullptr) listener_->on_retired(group);
}

}  // namespace kindred
