#include "core/engine/scan_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <utility>

#include "core/base/error_text.h"
#include "core/dialect/registry.h"
#include "core/engine/messages.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/directory_shape.h"
#include "core/sys/files.h"
#include "core/view/supervise_dir_view.h"

namespace kindred {
namespace {

constexpr const char* kLog = "log";
constexpr std::ptrdiff_t kManyDue = 32;
constexpr int kStartsPerTurn = 32;  // then commands and deaths have their turn
constexpr Duration kLookAgain = std::chrono::seconds(5);
// After this, twice this, and so on: more than a second in all.
constexpr Duration kQuickLook = std::chrono::milliseconds(20);
constexpr int kQuickLooks = 6;
constexpr Duration kLongestSettle = std::chrono::seconds(5);

}  // namespace

ScanDirectory::ScanDirectory(EventLoop& loop, Supervisor& supervisor, ScanOptions options)
    : loop_(loop), supervisor_(supervisor), options_(std::move(options)) {
  supervisor_.set_listener(this);
  loop_.timers().reserve(1);
}

ScanDirectory::~ScanDirectory() {
  supervisor_.set_listener(nullptr);
  loop_.timers().disarm(*this);
}

void ScanDirectory::begin() noexcept { rescan(); }

void ScanDirectory::rescan() noexcept {
  if (!scanning_ || shutting_down_) return;
  scan();
  start_due();
}

void ScanDirectory::stop_scanning() noexcept {
  scanning_ = false;
  watched_.end();
  changes_ = DirectoryWatch{};
  identity_.reset();
  drop_dead();
  rearm();
}

void ScanDirectory::resume_scanning() noexcept {
  if (scanning_) return;
  scanning_ = true;
  const Instant now = loop_.clock().now().steady;
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (entry->main == nullptr) entry->main_due = now;
    if (entry->pipe && entry->log == nullptr) entry->log_due = now;
  }
  rescan();
}

void ScanDirectory::shut_down(EndLogs logs) noexcept {
  // What the core before us had is to end, too, whether its turn has come or not.
  while (scanning_ && supervisor_.descriptors().resumes()) start_due();
  shutting_down_ = true;
  scanning_ = false;
  for (const std::unique_ptr<Entry>& entry : entries_)
    if (!entry->is_last() || (entry->last_log && logs == EndLogs::AtOnce)) end(*entry, logs);
  end_last();
  drop_dead();
  rearm();
}

namespace {

void kill_processes(const ServiceMachine& machine) noexcept {
  for (std::int32_t pid : {machine.record.pid, machine.custom_pid}) {
    if (pid <= 0) continue;
    ::kill(pid, SIGKILL);
    ::kill(pid, SIGCONT);
  }
}

}  // namespace

void ScanDirectory::kill(EndLogs logs) noexcept {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    const bool only_main = logs == EndLogs::AfterMain;
    if (entry->main != nullptr) {
      const GroupMachine& machine = entry->main->machine();
      if (!only_main || !entry->is_last()) kill_processes(machine.main);
      if (!only_main && machine.log) kill_processes(*machine.log);
    }
    if (!only_main && entry->log != nullptr) kill_processes(entry->log->machine().main);
  }
}

void ScanDirectory::end_removed(EndLogs logs) noexcept {
  for (const std::unique_ptr<Entry>& entry : entries_)
    if (entry->gone) end(*entry, logs);
  drop_dead();
  rearm();
}

void ScanDirectory::take_over(const DirectoryId& id, Role role, UniqueFd supervisor, UniqueFd done) noexcept {
  auto predecessor = std::make_unique<Predecessor>();
  predecessor->scan = this;
  predecessor->id = id;
  predecessor->role = role;
  predecessor->process = std::move(supervisor);
  predecessor->done = std::move(done);
  Result<Watch> watched = loop_.watch(predecessor->process.get(), *predecessor);
  if (!watched) return;
  predecessor->watch = std::move(*watched);
  predecessors_.push_back(std::move(predecessor));
  if (std::none_of(entries_.begin(), entries_.end(),
                   [&](const std::unique_ptr<Entry>& entry) { return entry->seen.id == id; }))
    rescan();
}

void ScanDirectory::on_end_of(Predecessor& predecessor) noexcept {
  predecessor.watch.end();
  const bool log = predecessor.role == Role::Log;
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const std::unique_ptr<Entry>& entry) {
    return entry->seen.id == predecessor.id;
  });
  if (found == entries_.end() || (log && !(*found)->pipe)) return;
  Entry& entry = **found;
  // It may have been found free before its end was seen.
  if ((log ? entry.log : entry.main) != nullptr) return forget_predecessors(entry, log);
  (log ? entry.log_due : entry.main_due) = loop_.clock().now().steady;
  if (scanning_) start_due();
}

void ScanDirectory::forget_predecessors(const Entry& entry, bool log) noexcept {
  const Role role = log ? Role::Log : Role::Main;
  std::erase_if(predecessors_, [&](const std::unique_ptr<Predecessor>& each) {
    return each->id == entry.seen.id && each->role == role;
  });
}

void ScanDirectory::end_last() noexcept {
  // Whom it waited for the last time it waits for still, mostly.
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::size_t at = (awaited_ + i) % entries_.size();
    if (entries_[at]->is_last() || !entries_[at]->supervised()) continue;
    awaited_ = at;
    return;
  }
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (!entry->is_last() || entry->ending) continue;
    if (entry->last_log && options_.console >= 0 && entry->main != nullptr) {
      entry->ending = true;
      turn_to_console();
      supervisor_.let_end(*entry->main);
    } else {
      end(*entry);
    }
  }
}

void ScanDirectory::turn_to_console() noexcept {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(options_.console, fd);
}

void ScanDirectory::speak_into(const InputPipe& pipe) noexcept {
  const Result<UniqueFd> writer = pipe.open_writer();
  if (!writer || ::dup2(writer->get(), 1) < 0 || ::dup2(writer->get(), 2) < 0) {
    warn({writer ? errno : writer.error().code, "write to", options_.log_service});
    return;
  }
  if (!is_logged_) say(Line(options_.rules.scanner).add(": info: starting"));
  is_logged_ = true;
}

TreeService ScanDirectory::describe(const Entry& entry) noexcept {
  TreeService service;
  service.name = entry.seen.name;
  service.id = entry.seen.id;
  service.supervised_since = entry.since;
  service.active = !entry.gone;
  service.returning = entry.ending && !entry.gone;
  service.began_down = entry.began_down;
  service.began_once = entry.began_once;
  if (entry.main != nullptr) {
    service.snapshot = entry.main->machine().snapshot();
  } else {
    // Its log is at the end still.
    service.snapshot.main.want = Want::Down;
    service.snapshot.main.exiting = true;
  }
  if (entry.log != nullptr) service.snapshot.log = entry.log->machine().main.record;
  return service;
}

std::optional<TreeService> ScanDirectory::find(std::string_view name) const noexcept {
  for (const std::unique_ptr<Entry>& entry : entries_)
    if (entry->supervised() && entry->seen.name == name) return describe(*entry);
  return std::nullopt;
}

std::optional<TreeService> ScanDirectory::find(const DirectoryId& id) const noexcept {
  for (const std::unique_ptr<Entry>& entry : entries_)
    if (entry->supervised() && entry->seen.id == id) return describe(*entry);
  return std::nullopt;
}

std::optional<TreeService> ScanDirectory::at(std::size_t place) const noexcept {
  for (const std::unique_ptr<Entry>& entry : entries_)
    if (entry->supervised() && place-- == 0) return describe(*entry);
  return std::nullopt;
}

ServiceGroup* ScanDirectory::group_of(const Entry& entry, Role& role) noexcept {
  if (role == Role::Main || entry.log == nullptr) return entry.main;
  role = Role::Main;
  return entry.log;
}

TreeHost::Commanded ScanDirectory::command(const DirectoryId& id, const ControlCommand& command,
                                           const Dialect* said_in) noexcept {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (!entry->supervised() || entry->seen.id != id) continue;
    ControlCommand own = command;
    ServiceGroup* group = group_of(*entry, own.role);
    if (group == nullptr) return Commanded::Done;
    if (group->lacks_group(own)) return Commanded::NoGroup;
    return supervisor_.command(*group, own, said_in) ? Commanded::Done : Commanded::Busy;
  }
  return Commanded::Unknown;
}

bool ScanDirectory::let_be_empty(const DirectoryId& id, Role role) noexcept {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (!entry->supervised() || entry->seen.id != id) continue;
    ServiceGroup* group = group_of(*entry, role);
    return group != nullptr && supervisor_.let_be_empty(*group, role);
  }
  return false;
}

void ScanDirectory::on_retired(ServiceGroup& group) noexcept {
  auto* entry = static_cast<Entry*>(group.owner());
  if (entry == nullptr) return;
  const Instant due = entry->gone || entry->ending || !scanning_
                          ? Instant::never()
                          : loop_.clock().now().steady + options_.rules.restart_after;
  if (entry->main == &group) {
    entry->main = nullptr;
    entry->main_due = due;
    if (entry->ending) end_log(*entry);
  } else if (entry->log == &group) {
    entry->log = nullptr;
    entry->log_due = due;
  }
  if (!entry->supervised() && listener_ != nullptr) listener_->on_forgotten(entry->seen.name);
  if (shutting_down_) end_last();
  // It is there again already.
  if (entry->ending && !entry->gone && scanning_) scan_due_ = loop_.clock().now().steady;
  // Of this one alone: thousands may end, each in a turn of its own.
  if (entry->gone && !entry->supervised())
    loop_.timers().arm_by(*this, Instant{0});
  else if (scanning_)
    loop_.timers().arm_by(*this, std::min(scan_due_, due));
}

void ScanDirectory::on_ready() noexcept {
  if (!changes_.changed()) return;
  const Instant now = loop_.clock().now().steady;
  if (changed_at_ == Instant::never()) changed_at_ = now;
  // Quiet first: whoever fills a directory writes more than one name.
  scan_due_ = std::min(now + options_.rules.settle, changed_at_ + kLongestSettle);
  rearm();
}

void ScanDirectory::on_timer() noexcept {
  if (scanning_ && scan_due_ <= loop_.clock().now().steady) scan();
  drop_dead();
  start_due();
}

void ScanDirectory::scan() noexcept {
  drop_dead();
  changed_at_ = scan_due_ = Instant::never();
  const bool had_trouble = trouble_;
  trouble_ = false;
  complaints_before_ = std::exchange(complaints_, {});
  Result<UniqueFd> directory = open_directory(AT_FDCWD, options_.path.c_str());
  if (!directory) {
    Error error = directory.error();
    error.operation = error.code == ENOENT ? options_.rules.absent : options_.rules.not_entered;
    warn(error);
    identity_.reset();
    watch();
  } else {
    const Result<DirectoryId> id = identify(directory->get());
    // Watched before it is read: a change between the two is seen twice, never missed.
    if (!identity_ || !id || *id != *identity_ || had_trouble) {
      if (id) identity_ = *id;
      watch();
    }
    if (std::optional<std::vector<ScanEntry>> seen = read(directory->get())) {
      apply(directory->get(), *seen);
    } else {
      trouble_ = true;
    }
  }
  complaints_before_.clear();
  if (trouble_) scan_due_ = loop_.clock().now().steady + kLookAgain;
}

void ScanDirectory::watch() noexcept {
  if (options_.rules.on_request) return;
  watched_.end();
  const Status noticed = changes_.watch(options_.path);
  Result<Watch> watched = noticed ? loop_.watch(changes_.fd(), *this) : noticed.error();
  if (watched) {
    watched_ = std::move(*watched);
  } else {
    warn(watched.error());
    trouble_ = true;
  }
}

std::optional<std::vector<ScanEntry>> ScanDirectory::read(int directory) {
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
  DIR* list = copy >= 0 ? ::fdopendir(copy) : nullptr;
  if (list == nullptr) {
    warn(error_here("read", "directory"));
    if (copy >= 0) ::close(copy);
    return std::nullopt;
  }
  std::vector<ScanEntry> seen;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(list);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    const bool by_name = name == options_.log_service && name != "." && name != "..";
    if (!by_name && !is_service_name(name)) continue;
    struct stat st;
    if (::fstatat(directory, entry->d_name, &st, 0) != 0) {
      warn(error_here("stat", entry->d_name));
      continue;
    }
    if (!S_ISDIR(st.st_mode)) continue;
    if (options_.rules.only_sticky && (st.st_mode & S_ISVTX) == 0) continue;
    seen.push_back({entry->d_name, {st.st_dev, st.st_ino}, true, false, by_name});
  }
  const int error = errno;
  ::closedir(list);
  if (error == 0) return seen;
  warn(error_here("read", "directory", error));
  return std::nullopt;
}

void ScanDirectory::apply(int directory, const std::vector<ScanEntry>& seen) {
  std::vector<ScanEntry> known;
  for (const std::unique_ptr<Entry>& entry : entries_) known.push_back(entry->seen);
  const ScanDiff changes = diff(known, seen, options_.rules.name_follows);
  for (auto [from, to] : changes.renamed) {
    Entry& entry = *entries_[from];
    entry.seen.name = seen[to].name;
    if (options_.rules.name_follows && entry.main != nullptr) entry.main->call_it(entry.seen.name);
  }
  std::set<std::string_view> names;
  for (std::size_t index : changes.appeared) names.insert(seen[index].name);
  for (auto [from, to] : changes.renamed) names.insert(seen[to].name);
  std::vector<bool> vanished(known.size());
  for (std::size_t index : changes.vanished) vanished[index] = true;
  const Instant now = loop_.clock().now().steady;
  for (std::size_t index = 0; index < known.size(); ++index) {
    Entry& entry = *entries_[index];
    if (vanished[index]) {
      const bool is_new = !std::exchange(entry.gone, true);
      any_gone_ = true;
      entry.main_due = entry.log_due = Instant::never();
      // It may have been renamed since the last look, and deleted under a name that was never seen.
      if (std::string name = last_name(entry); !name.empty()) entry.seen.name = std::move(name);
      // Whoever puts another in its place wants that one, and one of them.
      if ((is_new && options_.rules.removed_is_stopped) || (!entry.ending && names.contains(entry.seen.name)))
        end(entry);
      else
        let_go(entry);
    } else if (!vanished[index] && entry.gone) {
      entry.gone = false;
      if (entry.ending) continue;  // found anew when it has ended
      if (entry.main == nullptr) entry.main_due = now;
      if (entry.pipe && entry.log == nullptr) entry.log_due = now;
    }
  }
  drop_dead();
  for (std::size_t index : changes.appeared) {
    if (entries_.size() >= options_.most) {
      const std::string& name = seen[index].name;
      warn(name, "start supervisor for " + name, "too many services");
      continue;
    }
    std::unique_ptr<Entry> entry = make_entry(directory, seen[index]);
    if (!entry) continue;
    // What logs the others begins before them.
    entries_.insert(entry->all_output ? entries_.begin() : entries_.end(), std::move(entry));
    may_make_ahead_ = true;
  }
}

namespace {

/// Whether a directory `log` in a service of the family is a service of its own, for want of a supervisor of
/// this home that looks after both.
bool logs_apart(const Dialect& home, const Dialect& family) {
  const GroupConvention& rules = family.convention;
  if (home.scan.pairing == LogPairing::SeparateServices)
    return rules.log_is_directory || family.scan.pairing == LogPairing::SeparateServices;
  return family.scan.pairing == LogPairing::SeparateServices;
}

}  // namespace

std::unique_ptr<ScanDirectory::Entry> ScanDirectory::make_entry(int directory, const ScanEntry& seen) {
  auto entry = std::make_unique<Entry>();
  entry->seen = seen;
  entry->main_due = loop_.clock().now().steady;
  int service = supervisor_.descriptors().find_directory({seen.id.device, seen.id.inode});
  UniqueFd opened;
  if (service < 0) {
    Result<UniqueFd> found = open_directory(directory, seen.name.c_str());
    if (!found) {
      warn({found.error().code, "open", seen.name});
      return nullptr;
    }
    opened = std::move(*found);
    service = opened.get();
  }
  const DirectoryShape shape = shape_of(service, options_.families);
  const Provenance from = provenance(options_.home, options_.families, shape);
  entry->home = from.home;
  if (options_.seen_in_directories && from.home->layout.directory == nullptr)
    entry->home = family_of_shape(options_.families, {"run"});
  entry->family = from.family;
  if (seen.name == options_.log_service) {
    Result<InputPipe> pipe = InputPipe::make();
    if (!pipe) {
      warn({pipe.error().code, "create pipe for", seen.name});
      trouble_ = true;
      return nullptr;
    }
    entry->all_output = std::make_shared<InputPipe>(std::move(*pipe));
  }
  entry->last_log = seen.name == options_.last_log;
  if (entry->last_log || !shape.log || !logs_apart(*entry->home, *entry->family)) return entry;
  struct stat st;
  const std::string log = seen.name + "/log";
  if (::fstatat(directory, log.c_str(), &st, 0) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) warn(error_here("stat", log));
    return entry;
  }
  if (!S_ISDIR(st.st_mode)) {
    // It may be the log of its family's own form.
    if (!entry->home->scan.log_is_directory && !entry->family->convention.supervises_log)
      warn(error_here("open", log, ENOTDIR));
    return entry;
  }
  Result<InputPipe> pipe = InputPipe::make();
  if (!pipe) {
    warn({pipe.error().code, "create pipe for", seen.name});
    trouble_ = true;
    return nullptr;
  }
  entry->pipe = std::make_shared<InputPipe>(std::move(*pipe));
  entry->log_due = entry->main_due;
  entry->seen.has_log = true;
  return entry;
}

void ScanDirectory::end(Entry& entry, EndLogs logs) noexcept {
  if (!entry.ending) {
    entry.ending = true;
    entry.main_due = entry.log_due = Instant::never();
    if (entry.main != nullptr)
      supervisor_.shut_down(*entry.main);
    else
      end_log(entry);
  } else if (shutting_down_ && options_.rules.shutdown_tells_again && entry.main != nullptr) {
    const GroupMachine& machine = entry.main->machine();
    if (machine.main.record.pid != 0 || !machine.log)
      supervisor_.shut_down(*entry.main);
    else if (!entry.main->log_reads_to_end())
      (void)supervisor_.command(*entry.main, {.verb = Verb::Down, .role = Role::Log}, nullptr);
  }
  if (logs == EndLogs::AtOnce && entry.log != nullptr) supervisor_.shut_down(*entry.log);
}

namespace {

bool is_deleted(int directory) {
  struct stat st;
  return ::fstat(directory, &st) == 0 && st.st_nlink == 0;
}

}  // namespace

std::string ScanDirectory::last_name(const Entry& entry) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (entry.main == nullptr || !is_deleted(entry.main->place())) return {};
  char link[40], target[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", entry.main->place());
  const ssize_t size = ::readlink(link, target, sizeof target);
  std::string_view path(target, size > 0 ? static_cast<std::size_t>(size) : 0);
  if (!path.ends_with(kDeleted)) return {};
  path.remove_suffix(kDeleted.size());
  return std::string(path.substr(path.rfind('/') + 1));
}

void ScanDirectory::let_go(Entry& entry) noexcept {
  if (entry.ending || entry.main == nullptr || entry.main->machine().main.record.pid != 0) return;
  if (!is_deleted(entry.main->place())) return;
  entry.ending = true;
  supervisor_.let_end(*entry.main);
}

void ScanDirectory::end_log(Entry& entry) noexcept {
  // The log reads to the end what is still in the pipe; only then does it leave.
  if (entry.pipe) entry.pipe->close();
  if (entry.log != nullptr) supervisor_.let_end(*entry.log);
}

bool ScanDirectory::must_wait(const Entry& entry) const noexcept {
  return any_gone_ && std::any_of(entries_.begin(), entries_.end(), [&](const std::unique_ptr<Entry>& other) {
           return other->gone && other->supervised() && other->seen.name == entry.seen.name;
         });
}

void ScanDirectory::make_ahead(Instant now) noexcept {
  if (!may_make_ahead_) return;
  const auto is_due = [&](const std::unique_ptr<Entry>& entry) {
    return !entry->made_ahead && entry->main_due <= now;
  };
  if (std::count_if(entries_.begin(), entries_.end(), is_due) < kManyDue) return;
  may_make_ahead_ = false;
  const bool maker = ::fork() == 0;
  if (maker) {
    // It may outlive us, and must hold nothing that the next one needs.
    close_what_exec_closes();
    ::prctl(PR_SET_NAME, "kindred-files");
  }
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (maker && is_due(entry)) make_files_of(*entry);
    entry->made_ahead = true;
  }
  if (maker) ::_exit(0);
}

void ScanDirectory::make_files_of(const Entry& entry) const noexcept {
  const SuperviseLayout& layout = entry.home->layout;
  const GroupConvention& family = entry.family->convention;
  // What lies elsewhere is made when its place is known.
  if (layout.directory == nullptr || layout.directory_of != nullptr || family.service_directory != nullptr)
    return;
  const std::string path = options_.path + "/" + entry.seen.name;
  const Result<UniqueFd> service = open_directory(AT_FDCWD, path.c_str());
  if (!service) return;
  SuperviseDirView(*entry.home, Role::Main, service->get(), "").make_ahead();
  struct stat st;
  const bool paired = family.supervises_log && family.log_is_directory && !layout.log_with_main &&
                      !entry.last_log && ::fstatat(service->get(), kLog, &st, 0) == 0 && S_ISDIR(st.st_mode);
  if (entry.pipe || paired)
    SuperviseDirView(*entry.home, Role::Log, service->get(), std::string(kLog) + "/").make_ahead();
}

void ScanDirectory::start_due() noexcept {
  const Instant now = loop_.clock().now().steady;
  // What another has made is there.
  if (!supervisor_.descriptors().resumes()) make_ahead(now);
  int budget = kStartsPerTurn;
  start_spoken_to(now, budget);
  const bool is_more_due = start_due_in_turn(now, budget);
  take_up_remade();
  if (is_more_due) {
    loop_.timers().arm_by(*this, now);
    return;
  }
  supervisor_.all_added();
  rearm();
}

bool ScanDirectory::start_due_in_turn(Instant now, int budget) noexcept {
  // It goes on where the turn before has stopped: else each of the turns that thousands take would look at all of them.
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::size_t at = (next_start_ + i) % entries_.size();
    Entry& entry = *entries_[at];
    if (std::min(entry.main_due, entry.log_due) > now || must_wait(entry)) continue;
    if (budget <= 0) {
      next_start_ = at;
      return true;
    }
    start_due(entry, now, budget);
  }
  next_start_ = 0;
  return false;
}

void ScanDirectory::start_due(Entry& entry, Instant now, int& budget) noexcept {
  if (std::min(entry.main_due, entry.log_due) > now || must_wait(entry)) return;
  if (entry.log_due <= now) {
    entry.log = start(entry, true, entry.log_due);
    --budget;
  }
  if (entry.main_due <= now) {
    entry.main = start(entry, false, entry.main_due);
    --budget;
  }
}

void ScanDirectory::start_spoken_to(Instant now, int& budget) noexcept {
  if (!supervisor_.descriptors().resumes()) return;
  // Each is looked for once: it may be that of a log, or of a view.
  std::vector<FdStore::Number> unread = supervisor_.descriptors().unread_fifos();
  std::erase_if(unread, [&](const FdStore::Number& fifo) {
    return std::find(looked_for_.begin(), looked_for_.end(), fifo) != looked_for_.end();
  });
  if (unread.empty()) return;
  looked_for_.insert(looked_for_.end(), unread.begin(), unread.end());
  for (const std::unique_ptr<Entry>& entry : entries_) {
    const SuperviseLayout& layout = entry->home->layout;
    if (entry->main_due > now || layout.directory == nullptr || layout.directory_of != nullptr) continue;
    const std::string directory = options_.path + "/" + entry->seen.name + "/" + layout.directory;
    struct stat st;
    if (::stat((directory + "/" + layout.control).c_str(), &st) == 0 &&
        std::find(unread.begin(), unread.end(), FdStore::Number{st.st_dev, st.st_ino}) != unread.end())
      start_due(*entry, now, budget);
  }
}

void ScanDirectory::take_up_remade() noexcept {
  if (remade_.empty()) return;
  drop_dead();
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, options_.path.c_str());
  for (const ScanEntry& seen : std::exchange(remade_, {})) {
    const bool is_known =
        std::any_of(entries_.begin(), entries_.end(),
                    [&](const std::unique_ptr<Entry>& entry) { return entry->seen.id == seen.id; });
    if (is_known || !directory) continue;
    if (std::unique_ptr<Entry> entry = make_entry(directory->get(), seen))
      entries_.push_back(std::move(entry));
  }
}

Result<UniqueFd> ScanDirectory::find_or_open(int at, const char* path) noexcept {
  FdStore& descriptors = supervisor_.descriptors();
  struct stat st;
  if (descriptors.resumes() && ::fstatat(at, path, &st, 0) == 0)
    if (UniqueFd found = descriptors.take_directory({st.st_dev, st.st_ino})) return found;
  return open_directory(at, path);
}

ServiceGroup* ScanDirectory::start(Entry& entry, bool log, Instant& due) noexcept {
  due = Instant::never();
  GroupSpec spec;
  spec.name = log ? entry.seen.name + "/log" : entry.seen.name;
  spec.home = entry.home;
  spec.family = entry.family;
  spec.log_apart = entry.pipe != nullptr || entry.last_log;
  if (entry.last_log) spec.errors = options_.console;
  spec.own_session = options_.own_session;
  spec.owner = &entry;
  if (entry.pipe) (log ? spec.input : spec.output) = entry.pipe;
  if (!log && entry.all_output) spec.input = entry.all_output;
  const std::string path = options_.path + "/" + entry.seen.name;
  Result<UniqueFd> directory = find_or_open(AT_FDCWD, path.c_str());
  const Result<DirectoryId> id = directory ? identify(directory->get()) : directory.error();
  if (id && *id != entry.seen.id) {
    ScanEntry remade = entry.seen;
    remade.id = *id;
    remade_.push_back(remade);
    entry.gone = any_gone_ = true;
    end(entry);
    return nullptr;
  }
  if (directory && log) directory = find_or_open(directory->get(), kLog);
  if (!directory) {
    const Error error{directory.error().code, "open", spec.name};
    if (error.code != entry.complaint) warn(error);
    entry.complaint = error.code;
    due = loop_.clock().now().steady + options_.rules.restart_after;
    return nullptr;
  }
  spec.directory = std::move(*directory);
  const std::string name = spec.name;
  Result<ServiceGroup*> group = supervisor_.add(std::move(spec));
  if (group) {
    entry.complaint = entry.held = 0;
    forget_predecessors(entry, log);
    if (!log) note_begin(entry, **group);
    if (!log && entry.all_output) speak_into(*entry.all_output);
    return *group;
  }
  const Error& error = group.error();
  // A supervisor that is at its end, the one before us for instance, lets go of it in a moment.
  if (is_held_lock(error) && entry.held < kQuickLooks) {
    due = loop_.clock().now().steady + kQuickLook * (1 << entry.held++);
    return nullptr;
  }
  const bool is_expected = options_.takes_over && is_held_lock(error);
  if (error.code != entry.complaint && !is_expected)
    say(supervision_failed(entry.home->wording, name, error));
  entry.complaint = error.code;
  due = loop_.clock().now().steady + options_.rules.restart_after;
  return nullptr;
}

void ScanDirectory::note_begin(Entry& entry, const ServiceGroup& group) noexcept {
  entry.since = loop_.clock().now().wall;
  const Convention& rules = group.family().convention.main;
  struct stat st;
  auto has = [&](const char* file) {
    return file != nullptr && ::fstatat(group.directory(), file, &st, 0) == 0;
  };
  entry.began_down = has(rules.down_file);
  entry.began_once = has(rules.once_file);
  if (listener_ != nullptr) listener_->on_supervised(entry.seen.name);
}

void ScanDirectory::rearm() noexcept {
  Instant next = scanning_ ? scan_due_ : Instant::never();
  for (const std::unique_ptr<Entry>& entry : entries_) {
    const Instant due = std::min(entry->main_due, entry->log_due);
    if (scanning_ && due < next && !must_wait(*entry)) next = due;
    // An entry that is gone and dead is dropped when nobody is looking at it any more.
    if (entry->gone && entry->main == nullptr && entry->log == nullptr) next = Instant{0};
  }
  loop_.timers().arm(*this, next);
}

void ScanDirectory::drop_dead() noexcept {
  std::erase_if(entries_, [&](const std::unique_ptr<Entry>& entry) {
    if (entry->main != nullptr || entry->log != nullptr || !(entry->gone || entry->ending)) return false;
    supervisor_.forget(entry->seen.name);
    return true;
  });
  any_gone_ = std::any_of(entries_.begin(), entries_.end(), [](const auto& entry) { return entry->gone; });
}

void ScanDirectory::warn(const Error& error) noexcept {
  warn(error.object, what_failed(error), options_.rules.reason(error.code));
}

void ScanDirectory::warn(const std::string& object, std::string_view what, std::string_view why) noexcept {
  if (!complaints_.insert(object).second || complaints_before_.contains(object)) return;
  say(expand(options_.rules.warning, {{"dir", options_.path}, {"what", what}, {"why", why}}));
}

}  // namespace kindred
