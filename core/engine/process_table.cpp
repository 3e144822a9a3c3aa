#include "core/engine/process_table.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "core/engine/run_directory.h"
#include "core/keeper/keeper.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"
#include "core/sys/memory.h"
#include "core/sys/process.h"
#include "core/sys/waiting.h"

namespace kindred {
namespace {

constexpr const char* kPrefix = "processes-";
constexpr const char* kInMemory = "/dev/shm/kindred-";   // and the user's number
constexpr const char* kHeldTitle = "kindred-processes";  // of a table that the keeper holds
constexpr std::size_t kFirstSize = 4096;
constexpr std::size_t kMostSize = 64U << 20;
constexpr std::uint64_t kLookAgain = 1'000'000'000;
// The kernel's clock for files goes by ticks, of which the longest takes 10 ms: what was changed so lately may have been
// changed again.
constexpr std::int64_t kSettles = 20'000'000;
// A table whose keeper has gone may still be held by a child that is not executed yet; one that is at its end lets go
// of a service before it lets go of its table.
constexpr int kPatience = 20, kLongPatience = 200;  // times 10 ms
constexpr std::size_t kMostTables = 64;
constexpr char kVersion = '1';
constexpr std::size_t kLongestRecord = 4096;

}  // namespace

struct TableHeader {
  char magic[7];
  char version;
  char boot[16];
  std::uint64_t pid_namespace;
  std::uint64_t record_size;
  std::int32_t keeper;
  std::uint32_t records;
  std::uint64_t shared_since;
  std::int32_t shared_with;
  char unused[4];
};
static_assert(sizeof(TableHeader) == 64);

namespace {
using Header = TableHeader;

std::uint64_t boot_time() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

/// Of this boot and this pid namespace; both are 0 without /proc.
Header header_of_here() noexcept {
  Header header{};
  std::memcpy(header.magic, kTableBeginning.data(), sizeof header.magic);
  header.version = kVersion;
  header.record_size = sizeof(ProcessRecord);
  header.keeper = ::getpid();
  if (const Result<std::string> boot = read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 36)) {
    // Digits and dashes, of which any mixture that depends on all of them does.
    std::uint64_t mixed[2] = {14695981039346656037U, 0};
    for (const char c : *boot) mixed[0] = (mixed[0] ^ static_cast<unsigned char>(c)) * 1099511628211U;
    mixed[1] = ~mixed[0];
    std::memcpy(header.boot, mixed, sizeof mixed);
  }
  struct stat st;
  if (::stat("/proc/self/ns/pid", &st) == 0) header.pid_namespace = st.st_ino;
  if (const Kept* const here = kept(); here != nullptr && here->shares_descriptors) {
    const std::optional<ProcessFacts> keeper = facts_of(here->keeper);
    header.shared_since = keeper ? keeper->start_ticks : here->since;
    header.shared_with = here->keeper;
  }
  return header;
}

/// Where and when we are is known, and so is who lives.
bool is_known(const Header& here) noexcept {
  static constexpr char kUnknown[sizeof here.boot]{};
  return std::memcmp(here.boot, kUnknown, sizeof kUnknown) != 0 && here.pid_namespace != 0;
}

/// Its keeper died before it had begun it.
bool is_blank(const Header& header) noexcept {
  static constexpr char kBlank[sizeof header.magic]{};
  return std::memcmp(header.magic, kBlank, sizeof kBlank) == 0;
}

bool is_readable(const Header& header) noexcept {
  return std::memcmp(header.magic, kTableBeginning.data(), sizeof header.magic) == 0 &&
         header.version == kVersion && header.record_size >= kShortestRecord &&
         header.record_size <= kLongestRecord && header.record_size % alignof(ProcessRecord) == 0;
}

bool is_of(const Header& here, const Header& header) noexcept {
  return std::memcmp(header.boot, here.boot, sizeof here.boot) == 0 &&
         header.pid_namespace == here.pid_namespace;
}

/// In a table of an earlier kindred nothing follows its end.
ProcessRecord record_at(const void* at, std::size_t size) noexcept {
  ProcessRecord record;
  std::memcpy(static_cast<void*>(&record), at, std::min(size, sizeof record));
  return record;
}

/// It was written by a core before this one, of the same keeper.
bool is_shared(const Header& here, const Header& header) noexcept {
  return here.shared_with != 0 && header.shared_with == here.shared_with &&
         header.shared_since == here.shared_since;
}

bool is_same(const ProcessRecord& record, const ServiceIdentity& service) noexcept {
  return record.device == static_cast<std::uint32_t>(service.directory.device) &&
         record.inode == service.directory.inode &&
         (record.made == 0 || service.made == 0 || record.made == service.made);
}

/// Nanoseconds.
std::uint64_t clock_tick() noexcept {
  return 1'000'000'000U / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
}

bool is_our_keeper(std::int32_t pid) noexcept { return kept() != nullptr && kept()->keeper == pid; }

/// What is known of it, if it is there. One that has ended is, where its parent is who keeps us and will tell us.
/// `shared`: a core before this one has made it.
std::optional<ProcessFacts> is_alive(const ProcessRecord& record, std::int32_t keeper, bool shared) noexcept {
  if (record.pid <= 1 || record.begun == 0) return std::nullopt;
  const std::optional<ProcessFacts> facts = facts_of_any(record.pid);
  // Without /proc: an orphan of that core is the keeper's child, and keeps its number until it is told of.
  if (!facts && shared && !sees_processes() && (::kill(record.pid, 0) == 0 || errno == EPERM))
    return ProcessFacts{.parent = kept()->keeper};
  if (!facts || (facts->zombie && !is_our_keeper(facts->parent))) return std::nullopt;
  const std::uint64_t tick = clock_tick();
  // The kernel counts a start in whole ticks: it lies between the two moments, each cut down to its tick.
  const bool same = facts->start_ticks >= record.intended / tick &&
                    facts->start_ticks <= (record.intended + record.begun * 1000ULL) / tick;
  if (!same || !may_be_ours(record.pid)) return std::nullopt;
  if (facts->parent == keeper && keeper != ::getpid()) {
    // A parent that lives and made it has it still. One that is killed gives its lock back before its children.
    const std::optional<ProcessFacts> parent = facts_of(keeper);
    if (parent && !parent->ends) return std::nullopt;
  }
  return facts;
}

bool is_action(const Action& action) noexcept {
  return action.kind <= Action::Kind::EndLeft && action.script <= Script::Stop &&
         action.notice <= Notice::Retired && action.pid >= 0;
}

std::optional<RoleImage> image_of(const ProcessRecord& record) noexcept {
  if (record.machine_size == 0 || record.machine_size > record.machine.size() || record.pending.size() > 8)
    return std::nullopt;
  const std::optional<ServiceMachine> machine =
      decode_machine(ByteView(record.machine).first(record.machine_size));
  if (!machine) return std::nullopt;
  RoleImage image{*machine, {}, std::nullopt, record.main_left, record.shutting_down};
  for (const Action& action : record.pending) {
    if (!is_action(action)) return std::nullopt;
    image.pending.push_back(action);
  }
  if (record.holds_exit) {
    if (record.exit.kind > ExitStatus::Kind::Unknown || record.exit_pid <= 0) return std::nullopt;
    image.held_exit = event::Exited{record.exit_pid, record.exit};
  }
  return image;
}

std::array<char, 12> short_name(std::string_view name) noexcept {
  std::array<char, 12> text{};
  std::copy_n(name.data(), std::min(name.size(), text.size()), text.data());
  return text;
}

/// It is still in its service's directory, which has no name any more, and is no log of another that will end first.
bool is_of_deleted(const ProcessRecord& record) noexcept {
  char path[48];
  struct stat st;
  std::snprintf(path, sizeof path, "/proc/%d/cwd", static_cast<int>(record.pid));
  if (record.pid <= 1 || ::stat(path, &st) != 0 || st.st_nlink != 0 || st.st_ino != record.inode ||
      static_cast<std::uint32_t>(st.st_dev) != record.device)
    return false;
  std::snprintf(path, sizeof path, "/proc/%d/fd/0", static_cast<int>(record.pid));
  return record.pipe == 0 || ::stat(path, &st) != 0 || !S_ISFIFO(st.st_mode) ||
         static_cast<std::uint32_t>(st.st_ino) != record.pipe;
}

/// Pages that are there, up to that size; where the call for it is refused they are written. Errors: errno.
int allocate(int file, std::size_t size) noexcept {
  const int error = ::posix_fallocate(file, 0, static_cast<off_t>(size));
  if (error == 0 || error == ENOSPC || error == EDQUOT || error == EFBIG) return error;
  static constexpr char kNothing[kFirstSize]{};
  struct stat st;
  if (::fstat(file, &st) != 0) return errno;
  for (off_t at = st.st_size; at < static_cast<off_t>(size);) {
    const std::size_t most = std::min(sizeof kNothing, size - static_cast<std::size_t>(at));
    const ssize_t written = ::pwrite(file, kNothing, most, at);
    if (written <= 0) return written < 0 ? errno : ENOSPC;
    at += written;
  }
  return 0;
}

/// `is_child`: it is known to have a process that is a child of who keeps us.
LeftBehind look_at(const ProcessRecord& record, std::int32_t keeper, const ServiceIdentity& service,
                   bool shared, bool is_child) noexcept {
  LeftBehind left;
  left.record = record;
  left.certain = record.made != 0 && record.made == service.made;
  left.alive = left.is_keepers = is_child;
  if (is_child) return left;
  // First the descriptor, then the look: what is seen through /proc cannot be a later process of that number.
  if (record.pid > 1 && kept() == nullptr) left.process = open_process(record.pid);
  std::optional<ProcessFacts> facts = is_alive(record, keeper, shared);
  if (facts && kept() != nullptr && !is_our_keeper(facts->parent)) {
    left.process = open_process(record.pid);
    facts = is_alive(record, keeper, shared);
  }
  if (facts) {
    left.alive = true;
    left.start_ticks = facts->start_ticks;
    left.is_keepers = is_our_keeper(facts->parent);
  } else {
    left.process.reset();
  }
  return left;
}

/// A table is looked at by itself: who could write in the directory, too, can only take one away.
bool is_ours(const struct stat& st) noexcept {
  return S_ISREG(st.st_mode) && st.st_uid == ::geteuid() && (st.st_mode & 077) == 0;
}

/// A table NAME of this user's, and its header. None where it is another's, or too short to have one.
UniqueFd open_table(int directory, const std::string& name, Header& header, struct stat& st) noexcept {
  UniqueFd file(::openat(directory, name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file || ::fstat(file.get(), &st) != 0 || !is_ours(st) ||
      ::pread(file.get(), &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header))
    return UniqueFd{};
  return file;
}

/// This user's directory for tables that have no room in the run directory. Those of all run directories lie there.
std::string place_in_memory() { return kInMemory + std::to_string(::geteuid()); }

/// Each table that a version of kindred like this one has left or keeps there.
template <class Act>
void for_each_table(int directory, const Act& act) {
  for (const std::string& name : directory_names(directory, ".")) {
    if (!name.starts_with(kPrefix)) continue;
    Header header{};
    struct stat st;
    const UniqueFd file = open_table(directory, name, header, st);
    if (file && is_readable(header)) act(file.get(), header);
  }
}

/// Likewise, in the run directory and in memory.
template <class Act>
void for_each_table(const std::string& run_directory, const Act& act) {
  for (const std::string& place : {run_directory, place_in_memory()})
    if (const Result<UniqueFd> directory = open_directory(AT_FDCWD, place.c_str()))
      for_each_table(directory->get(), act);
}

/// Likewise, in what this user's processes hold.
template <class Act>
void for_each_held_table(const Act& act) {
  const std::string title = std::string("/memfd:") + kHeldTitle;
  std::vector<ino_t> seen;  // keeper and core hold the same
  for (const std::string& pid : directory_names(AT_FDCWD, "/proc")) {
    const std::string held = "/proc/" + pid + "/fd";
    struct stat st;
    if (pid.find_first_not_of("0123456789") != std::string::npos || ::stat(held.c_str(), &st) != 0 ||
        st.st_uid != ::geteuid())
      continue;
    for (const std::string& fd : directory_names(AT_FDCWD, held.c_str())) {
      const std::string path = held + "/" + fd;
      if (!link_text(path).starts_with(title)) continue;
      Header header{};
      const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
      if (!file || ::fstat(file.get(), &st) != 0 ||
          std::find(seen.begin(), seen.end(), st.st_ino) != seen.end() ||
          ::pread(file.get(), &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header))
        continue;
      seen.push_back(st.st_ino);
      if (is_readable(header)) act(file.get(), header);
    }
  }
}

bool lock_in_time(int fd) noexcept {
  for (int i = 0; i < kLongPatience; ++i) {
    if (::flock(fd, LOCK_SH | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    (void)wait_for_any({}, 10);
  }
  return false;
}

/// Whether a record in what a table has, from its header on, matches.
template <class Matches>
bool any_record(std::string_view table, const Matches& matches) {
  Header header{};
  if (table.size() < sizeof header) return false;
  std::memcpy(&header, table.data(), sizeof header);
  if (!is_readable(header)) return false;
  for (std::size_t at = sizeof header; at + header.record_size <= table.size(); at += header.record_size) {
    const ProcessRecord record = record_at(table.data() + at, header.record_size);
    if (record.state != ProcessRecord::State::Free && matches(record)) return true;
  }
  return false;
}

/// In a table that somebody keeps; what its keeper has let go of does not count.
template <class Matches>
bool has_record(const std::string& path, const Matches& matches) {
  // At once: it is asked for each service that is begun, and may hold thousands.
  const Result<std::string> table = read_file(AT_FDCWD, path.c_str(), kMostSize);
  return table &&
         any_record(*table, [&](const ProcessRecord& record) { return !record.left && matches(record); });
}

std::int64_t nanoseconds(const timespec& at) noexcept { return at.tv_sec * 1'000'000'000LL + at.tv_nsec; }

/// Waits out a child that shares the lock of a keeper that has died.
bool lock_left(int fd, std::int32_t keeper) noexcept {
  for (int i = 0; i < kPatience; ++i) {
    if (::flock(fd, LOCK_SH | LOCK_NB) == 0) return true;
    if ((errno != EWOULDBLOCK && errno != EINTR) || keeper <= 0 || ::kill(keeper, 0) == 0 || errno != ESRCH)
      return false;
    (void)wait_for_any({}, 10);
  }
  return false;
}

}  // namespace

std::optional<ServiceIdentity> service_identity(int directory) noexcept {
  struct statx all {};
  if (::statx(directory, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &all) == 0) {
    ServiceIdentity identity{{::makedev(all.stx_dev_major, all.stx_dev_minor), all.stx_ino}, 0};
    if ((all.stx_mask & STATX_BTIME) != 0)
      identity.made =
          static_cast<std::uint64_t>(all.stx_btime.tv_sec) * 1'000'000'000U + all.stx_btime.tv_nsec;
    return identity;
  }
  // Refused by kernels before 4.11: then the number is all there is.
  struct stat st;
  if (::fstat(directory, &st) != 0) return std::nullopt;
  return ServiceIdentity{{st.st_dev, st.st_ino}, 0};
}

std::string beginning_of_tables(std::int32_t core) { return kPrefix + std::to_string(core) + "-"; }

std::vector<KeeperFound> find_keepers(const std::string& run_directory) {
  std::vector<KeeperFound> found;
  const Result<UniqueFd> directory = find_run_directory(run_directory);
  if (!directory) return found;
  const Header here = header_of_here();
  for_each_table(directory->get(), [&](int, const Header& header) {
    if (!is_of(here, header) || header.shared_with == 0) return;
    KeeperFound keeper{header.shared_with, header.keeper, open_process(header.shared_with)};
    const std::optional<ProcessFacts> facts = facts_of(keeper.keeper), core = facts_of(keeper.core);
    if (facts && facts->start_ticks == header.shared_since && core && core->parent == keeper.keeper)
      found.push_back(std::move(keeper));
  });
  return found;
}

Result<std::string> leave_foreign(const std::string& run_directory, std::span<const ForeignRole> roles) {
  ProcessTable table;
  if (Status made = table.make_table(run_directory, kFirstSize); !made) return made.error();
  const std::uint64_t tick = clock_tick();
  for (const ForeignRole& role : roles) {
    const ProcessTable::Place place = table.reserve(role.service, role.role);
    ProcessRecord* const record = table.at(place);
    if (record == nullptr) return Error{ENOSPC, "write", table.own_path_};
    table.set_pipe(place, role.pipe);
    table.note_ready_pipe(place, role.ready_pipe);
    record->script = role.script;
    // It began within this tick.
    record->intended = role.start_ticks * tick;
    record->begun = 1;
    record->pid = role.pid;
    StatusRecord now;
    now.pid = role.pid;
    now.want = role.want;
    now.paused = role.paused;
    now.ready = role.ready;
    now.run_started = role.since;
    table.settle(place, now);
  }
  return table.own_path_;
}

bool is_taken(const std::string& table) {
  return !has_record(table, [](const ProcessRecord&) { return true; });
}

std::vector<TraceFound> find_traces(const std::string& run_directory, const ServiceIdentity& service) {
  std::vector<TraceFound> found;
  const Header here = header_of_here();
  const auto look = [&](int table, const Header& header) {
    // Of an earlier kindred: it kept none.
    if (!is_of(here, header) || header.record_size < offsetof(ProcessRecord, trace) + sizeof(Trace)) return;
    const Result<std::string> bytes = read_beginning(table, "table", kMostSize);
    if (!bytes) return;
    (void)any_record(*bytes, [&](const ProcessRecord& record) {
      if (is_same(record, service))
        found.push_back({record.role == Role::Log ? Role::Log : Role::Main, record.trace});
      return false;
    });
  };
  for_each_table(run_directory, look);
  if (found.empty()) for_each_held_table(look);
  std::stable_sort(found.begin(), found.end(),
                   [](const TraceFound& a, const TraceFound& b) { return a.role < b.role; });
  return found;
}

void await_births(const std::string& run_directory) {
  if (kept() == nullptr) return;
  for_each_table(run_directory, [](int table, const Header& header) {
    if (header.shared_with == kept()->keeper) (void)lock_in_time(table);
  });
  const int highest = highest_open_descriptor();
  for (int fd = STDERR_FILENO + 1; fd <= highest; ++fd)
    if (is_memory(fd)) (void)lock_in_time(fd);
}

ProcessTable::~ProcessTable() {
  forget_left();
  if (own_.begin == nullptr) return;
  bool needed = false;
  for (Place i = 0; i < records_; ++i) needed = needed || at(i)->state != ProcessRecord::State::Free;
  if (!needed && !own_path_.empty()) ::unlink(own_path_.c_str());
  ::munmap(own_.begin, own_.size);
}

Status ProcessTable::open(const std::string& run_directory) {
  places_[0].path = run_directory;
  places_[1].path = place_in_memory();
  Status made = make_table(run_directory, kFirstSize);
  if (!made) (void)static_cast<bool>(move_on(kFirstSize));
  return made;
}

Status ProcessTable::move_on(std::size_t size) {
  Status moved{Error{ENOSPC, "grow", own_path_}};
  while (!moved && place_ + 1 < places_.size()) moved = make_table(places_[++place_].path, size);
  return moved ? moved : make_held_table(size);
}

Status ProcessTable::make_table(const std::string& path, std::size_t size) {
  Result<UniqueFd> directory = open_run_directory(path);
  if (!directory) return directory.error();
  char since[24];
  std::snprintf(since, sizeof since, "%llx", static_cast<unsigned long long>(boot_time()));
  const std::string name = beginning_of_tables(::getpid()) + since;
  const std::string own_path = path + "/" + name;
  UniqueFd file(::openat(directory->get(), name.c_str(),
                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (!file) return error_here("create", own_path);
  Status begun = begin(file.get(), own_path, size);
  if (!begun) ::unlinkat(directory->get(), name.c_str(), 0);
  return begun;
}

Status ProcessTable::make_held_table(std::size_t size) {
  if (kept() == nullptr || !kept()->shares_descriptors) return Error{ENOSPC, "make", kHeldTitle};
  UniqueFd file = make_memory(kHeldTitle);
  if (!file) return error_here("create", kHeldTitle);
  // One opening for the keeper to hold, and one that is locked for as long as this process lives.
  char self[40];
  std::snprintf(self, sizeof self, "/proc/self/fd/%d", file.get());
  UniqueFd held(::open(self, O_RDWR | O_CLOEXEC));
  if (Status begun = begin(file.get(), {}, size); !begun) return begun;
  own_file_ = held ? std::move(held) : std::move(file);
  return ok();
}

Status ProcessTable::begin(int file, std::string path, std::size_t size) {
  // Whole pages that are there: a mapping that finds the disk full ends its process.
  int error = ::flock(file, LOCK_EX | LOCK_NB) == 0 ? allocate(file, size) : errno;
  void* mapping = nullptr;
  if (error == 0) {
    mapping = map_for_us_alone(file, size, PROT_READ | PROT_WRITE);
    if (mapping == nullptr) error = errno;
  }
  if (error != 0) return error_here("write", path, error);
  Header header = header_of_here();
  header.records = static_cast<std::uint32_t>((size - sizeof(Header)) / sizeof(ProcessRecord));
  if (own_.begin != nullptr)
    std::memcpy(static_cast<char*>(mapping) + sizeof header, static_cast<char*>(own_.begin) + sizeof header,
                own_.size - sizeof header);
  // Who finds a header finds all that belongs to it. Who is killed now leaves everything twice.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::memcpy(mapping, &header, sizeof header);
  if (own_.begin != nullptr) {
    if (!own_path_.empty()) ::unlink(own_path_.c_str());
    own_file_.reset();
    ::munmap(own_.begin, own_.size);
  }
  // The mapping holds the lock: a descriptor less for services.
  own_path_ = std::move(path);
  own_ = {mapping, size};
  records_ = header.records;
  return ok();
}

ProcessRecord* ProcessTable::at(Place record) noexcept {
  if (record >= records_) return nullptr;
  return reinterpret_cast<ProcessRecord*>(static_cast<char*>(own_.begin) + sizeof(Header)) + record;
}

bool ProcessTable::grow() noexcept {
  if (own_.begin == nullptr || own_.size >= kMostSize) return false;
  const std::size_t size = own_.size * 2;
  const UniqueFd file(
      own_path_.empty() ? -1 : ::open(own_path_.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  const int fd = own_file_ ? own_file_.get() : file.get();
  const int error = fd >= 0 ? allocate(fd, size) : errno;
  void* const moved = error == 0 ? ::mremap(own_.begin, own_.size, size, MREMAP_MAYMOVE) : MAP_FAILED;
  if (moved == MAP_FAILED) {
    if (!std::exchange(was_full_, true))
      no_room_ = error_here("write", own_path_, error != 0 ? error : errno);
    return static_cast<bool>(move_on(size));
  }
  own_ = {moved, size};
  records_ = static_cast<Place>((size - sizeof(Header)) / sizeof(ProcessRecord));
  static_cast<Header*>(own_.begin)->records = static_cast<std::uint32_t>(records_);
  return true;
}

ProcessTable::Place ProcessTable::reserve(const ServiceIdentity& service, Role role, std::string_view home,
                                          std::string_view family) {
  Place record = first_free_;
  while (record < records_ && at(record)->state != ProcessRecord::State::Free) ++record;
  if (record >= records_ && !grow()) return kNone;
  first_free_ = record + 1;
  ProcessRecord& taken = *at(record);
  taken = ProcessRecord{};
  taken.device = static_cast<std::uint32_t>(service.directory.device);
  taken.inode = service.directory.inode;
  taken.made = service.made;
  taken.role = role;
  taken.home = short_name(home);
  taken.family = short_name(family);
  taken.state = ProcessRecord::State::Idle;
  return record;
}

void ProcessTable::note_image(Place record, const ServiceMachine& machine, const Actions& pending,
                              const std::optional<event::Exited>& held_exit) noexcept {
  ProcessRecord* const own = at(record);
  // Without a keeper nobody goes on in our place.
  if (own == nullptr || kept() == nullptr) return;
  // Who finds a size finds all of it.
  own->machine_size = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  own->pending.clear();
  for (const Action& action : pending)
    // The record is written anew in any case, and its files with it.
    if (action.kind != Action::Kind::Publish && own->pending.size() < own->pending.capacity())
      own->pending.push_back(action);
  own->holds_exit = held_exit.has_value();
  if (held_exit) {
    own->exit = held_exit->status;
    own->exit_pid = held_exit->pid;
  }
  const std::size_t size = encode_machine(machine, own->machine);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  own->machine_size = static_cast<std::uint16_t>(size);
}

void ProcessTable::note_group(Place record, bool main_left, bool shutting_down) noexcept {
  ProcessRecord* const own = at(record);
  if (own == nullptr) return;
  own->main_left = main_left;
  own->shutting_down = shutting_down;
}

void ProcessTable::set_pipe(Place record, std::uint64_t inode) noexcept {
  if (ProcessRecord* const own = at(record)) own->pipe = static_cast<std::uint32_t>(inode);
}

void ProcessTable::note_ready_pipe(Place record, std::uint64_t inode) noexcept {
  if (ProcessRecord* const own = at(record)) own->ready_pipe = static_cast<std::uint32_t>(inode);
}

void ProcessTable::note_tree(Place record, std::int32_t tree, std::uint64_t head_pipe) noexcept {
  ProcessRecord* const own = at(record);
  if (own == nullptr) return;
  own->tree = tree;
  own->head_pipe = static_cast<std::uint32_t>(head_pipe);
}

void ProcessTable::note_heir(Place record, std::int32_t pid, std::uint64_t start_ticks) noexcept {
  ProcessRecord* const own = at(record);
  if (own == nullptr) return;
  own->pid = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  // It began within this tick.
  own->intended = start_ticks * clock_tick();
  own->begun = 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  own->pid = pid;
}

void ProcessTable::note_trace(Place record, const TraceEntry& entry) noexcept {
  if (ProcessRecord* const own = at(record)) own->trace.add(entry);
}

void ProcessTable::intend(Place record, Script script) noexcept {
  ProcessRecord* const own = at(record);
  if (own == nullptr) return;
  own->pid = 0;
  own->begun = 0;
  own->intended = boot_time();
  own->script = script;
  // Who finds "intended" finds all that belongs to it.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  own->state = ProcessRecord::State::Intended;
}

void ProcessTable::note_process(Place record, std::int32_t pid) noexcept {
  ProcessRecord* const own = at(record);
  if (own == nullptr) return;
  own->begun = static_cast<std::uint32_t>(
      std::min<std::uint64_t>((boot_time() - own->intended) / 1000 + 1, UINT32_MAX));
  std::atomic_signal_fence(std::memory_order_seq_cst);
  own->pid = pid;
}

void ProcessTable::settle(Place record, const StatusRecord& now) noexcept {
  ProcessRecord* const own = at(record);
  if (own == nullptr) return;
  own->want = now.want;
  own->paused = now.paused;
  own->ready = now.ready;
  own->since = static_cast<std::uint64_t>(now.run_started.seconds) * 1'000'000'000U + now.run_started.nanos;
  if (now.pid == 0) own->pid = 0;
  own->state = now.pid == 0 ? ProcessRecord::State::Idle : ProcessRecord::State::Running;
}

void ProcessTable::copy(const ProcessRecord& left, Place into) noexcept {
  ProcessRecord* const own = at(into);
  if (own == nullptr) return;
  own->intended = left.intended;
  own->since = left.since;
  own->pipe = left.pipe;
  own->begun = left.begun;
  own->pid = left.pid;
  own->script = left.script;
  own->want = left.want;
  own->paused = left.paused;
  own->ready = left.ready;
  own->trace = left.trace;
  own->tree = left.tree;
  own->head_pipe = left.head_pipe;
  if (own->home == left.home && own->family == left.family) {
    own->machine_size = 0;
    own->ready_pipe = left.ready_pipe;
    own->main_left = left.main_left;
    own->shutting_down = left.shutting_down;
    own->holds_exit = left.holds_exit;
    own->exit = left.exit;
    own->exit_pid = left.exit_pid;
    own->pending = left.pending;
    own->machine = left.machine;
    own->machine_size = left.machine_size;
  }
  std::atomic_signal_fence(std::memory_order_seq_cst);
  own->state = left.state;
}

void ProcessTable::release(Place record) noexcept {
  ProcessRecord* const own = at(record);
  if (own == nullptr) return;
  if (own->pid != 0) {
    own->left = true;
    ++left_up_;
    return;
  }
  own->state = ProcessRecord::State::Free;
  first_free_ = std::min(first_free_, record);
}

void ProcessTable::forget_left() noexcept {
  left_ = {};
  for (const Mapping& table : left_tables_) ::munmap(table.begin, table.size);
  left_tables_.clear();
}

bool ProcessTable::has_looked(const Whereabouts& place) const noexcept {
  struct stat st;
  if (::stat(place.path.c_str(), &st) != 0) return nanoseconds(place.changed_at) == 0;
  return place.settled && nanoseconds(st.st_mtim) == nanoseconds(place.changed_at);
}

void ProcessTable::look_for_left() {
  const std::uint64_t start = boot_time();
  if (looked_at_ != 0 && start - looked_at_ < kLookAgain && has_looked(places_[0]) && has_looked(places_[1]))
    return;
  looked_at_ = start;
  forget_left();
  busy_.clear();
  const Header here = header_of_here();
  for (Whereabouts& place : places_) {
    place.changed_at = {};
    // Whoever's it is: a table is looked at by itself.
    const Result<UniqueFd> directory = open_directory(AT_FDCWD, place.path.c_str());
    struct stat st;
    timespec now{};
    if (!directory || ::fstat(directory->get(), &st) != 0) continue;
    // Before it is read: what comes meanwhile is looked for next time.
    place.changed_at = st.st_mtim;
    place.settled =
        ::clock_gettime(CLOCK_REALTIME, &now) == 0 && nanoseconds(now) - nanoseconds(st.st_mtim) > kSettles;
    for (const std::string& name : directory_names(directory->get(), "."))
      if (name.starts_with(kPrefix)) read_left(directory->get(), place.path + "/" + name, here);
  }
  read_held(here);
  keepers_children_.clear();
  if (std::any_of(left_.begin(), left_.end(), [](const Left& left) { return left.shares; }))
    if (Result<std::vector<pid_t>> children = numbers_of_children(kept()->keeper))
      keepers_children_ = std::move(*children);
  std::sort(keepers_children_.begin(), keepers_children_.end());
  std::sort(left_.begin(), left_.end(),
            [](const Left& a, const Left& b) { return a.record.inode < b.record.inode; });
}

void ProcessTable::read_left(int directory, const std::string& path, const TableHeader& here) {
  if (path == own_path_) return;
  const std::string name = path.substr(path.rfind('/') + 1);
  Header header{};
  struct stat st;
  const UniqueFd file = open_table(directory, name, header, st);
  const auto size = file ? static_cast<std::size_t>(st.st_size) : 0;
  if (size < sizeof header || size > kMostSize) return;
  const bool readable = is_readable(header);
  const bool ours = readable && is_of(here, header);
  if (!lock_left(file.get(), ours ? header.keeper : 0)) {
    if (ours) busy_.push_back(path);
    return;
  }
  if (!readable && !is_blank(header)) {
    if (std::find(unreadable_.begin(), unreadable_.end(), path) == unreadable_.end())
      unreadable_.push_back(path);
    return;
  }
  // Who can see who lives may take it on, and who need not.
  if (!is_known(here) && !is_shared(here, header)) return;
  // Another boot's, or another container's whose keeper does not live either: its processes are gone.
  if (!ours) {
    ::unlinkat(directory, name.c_str(), 0);
    return;
  }
  if (!map_left(file.get(), size, header, here)) ::unlinkat(directory, name.c_str(), 0);
}

void ProcessTable::read_held(const TableHeader& here) {
  for (const UniqueFd& file : held_) {
    Header header{};
    struct stat st;
    if (::fstat(file.get(), &st) == 0 &&
        ::pread(file.get(), &header, sizeof header, 0) == static_cast<ssize_t>(sizeof header) &&
        is_readable(header) && is_of(here, header) && is_shared(here, header))
      (void)map_left(file.get(), static_cast<std::size_t>(st.st_size), header, here);
  }
}

bool ProcessTable::map_left(int file, std::size_t size, const TableHeader& header, const TableHeader& here) {
  void* const mapping = map_for_us_alone(file, size, PROT_READ | PROT_WRITE);
  if (mapping == nullptr) return true;
  const std::size_t records =
      std::min<std::size_t>(header.records, (size - sizeof header) / header.record_size);
  const bool shares = is_shared(here, header);
  const std::size_t before = left_.size();
  // What nobody has asked for while many others came is not kept for ever.
  const bool crowded = left_tables_.size() >= kMostTables;
  bool needed = false;
  for (std::size_t i = 0; i < records; ++i) {
    auto* const record = reinterpret_cast<ProcessRecord*>(static_cast<char*>(mapping) + sizeof header +
                                                          i * header.record_size);
    if (record->state == ProcessRecord::State::Free || record->role > Role::Log ||
        record->script > Script::Stop || record->want > Want::Once)
      continue;
    left_.push_back({record_at(record, header.record_size), record, header.keeper, shares});
    needed = needed || !crowded || is_alive(left_.back().record, header.keeper, shares);
  }
  if (!needed) {
    left_.resize(before);
    ::munmap(mapping, size);
    return false;
  }
  left_tables_.push_back({mapping, size});
  return true;
}

std::optional<LeftBehind> ProcessTable::take(const ServiceIdentity& service, Role role, Place into,
                                             std::string_view home, std::string_view family) {
  const auto matches = [&](const ProcessRecord& record) {
    return record.role == role && is_same(record, service);
  };
  // Ours, where a supervisor left its service up and has come back to it.
  for (Place i = 0; left_up_ > 0 && i < records_; ++i) {
    ProcessRecord& own = *at(i);
    if (!own.left || !matches(own)) continue;
    LeftBehind found = look_at(own, ::getpid(), service, false, false);
    copy(own, into);
    own = ProcessRecord{};
    first_free_ = std::min(first_free_, i);
    --left_up_;
    return found;
  }
  look_for_left();
  std::optional<LeftBehind> found = take_left(service, into, matches);
  if (!found && await_keeper(matches)) {
    looked_at_ = 0;
    look_for_left();
    found = take_left(service, into, matches);
  }
  if (found && (found->record.home != short_name(home) || found->record.family != short_name(family)))
    found->image.reset();
  return found;
}

void ProcessTable::end_deleted() noexcept {
  for (Left& left : left_) {
    const ProcessRecord& record = left.record;
    if (left.source == nullptr || !is_of_deleted(record) || !is_alive(record, left.keeper, left.shares))
      continue;
    ::kill(record.pid, SIGTERM);
    ::kill(record.pid, SIGCONT);
    std::exchange(left.source, nullptr)->state = ProcessRecord::State::Free;
  }
}

void ProcessTable::forget_taken() noexcept {
  std::erase_if(left_, [](const Left& left) { return left.source == nullptr; });
  left_.shrink_to_fit();
  std::erase_if(left_tables_, [&](const Mapping& table) {
    const char* const begin = static_cast<const char*>(table.begin);
    const bool is_wanted = std::any_of(left_.begin(), left_.end(), [&](const Left& left) {
      const char* const source = reinterpret_cast<const char*>(left.source);
      return source >= begin && source < begin + table.size;
    });
    if (!is_wanted) ::munmap(table.begin, table.size);
    return !is_wanted;
  });
  // The keeper holds them for every core that is to come.
  if (std::none_of(left_.begin(), left_.end(),
                   [](const Left& left) { return is_alive(left.record, left.keeper, left.shares); }))
    held_.clear();
}

void ProcessTable::release_pages() noexcept {
  if (own_.begin != nullptr) ::madvise(own_.begin, own_.size, MADV_DONTNEED);
}

bool ProcessTable::is_left(std::int32_t pid) const noexcept {
  return std::any_of(left_.begin(), left_.end(),
                     [&](const Left& left) { return left.source != nullptr && left.record.pid == pid; });
}

bool ProcessTable::is_keepers_child(const Left& left) const noexcept {
  // A core's child that it left behind keeps its number until we have answered for it. Of two records of one service
  // the older may tell of another that had the number before.
  const auto same = [&](const Left& other) { return other.record.inode == left.record.inode; };
  const auto* const at = &left;
  const bool alone =
      (at == left_.data() || !same(at[-1])) && (at + 1 == left_.data() + left_.size() || !same(at[1]));
  return left.shares && alone && left.record.state == ProcessRecord::State::Running &&
         left.record.machine_size != 0 &&
         std::binary_search(keepers_children_.begin(), keepers_children_.end(), left.record.pid);
}

template <class Matches>
std::optional<LeftBehind> ProcessTable::take_left(const ServiceIdentity& service, Place into,
                                                  const Matches& matches) {
  auto left = std::lower_bound(left_.begin(), left_.end(), service.directory.inode,
                               [](const Left& a, std::uint64_t inode) { return a.record.inode < inode; });
  std::optional<LeftBehind> found;
  for (; left != left_.end() && left->record.inode == service.directory.inode; ++left) {
    if (left->source == nullptr || !matches(left->record)) continue;
    ProcessRecord* const source = std::exchange(left->source, nullptr);
    if (!found) copy(left->record, into);
    // Two that begin at one time look at one table: it is the one's who is quicker.
    const std::atomic_ref<ProcessRecord::State> state(source->state);
    if (state.exchange(ProcessRecord::State::Free) == ProcessRecord::State::Free) continue;
    LeftBehind another = look_at(left->record, left->keeper, service, left->shares, is_keepers_child(*left));
    if (left->shares) another.image = image_of(left->record);
    // One who was killed as he took it may have left it twice.
    if (!found || (another.alive && !found->alive)) found = std::move(another);
  }
  if (found) {
    copy(found->record, into);
  } else if (ProcessRecord* const own = at(into)) {
    own->pid = 0;
    own->state = ProcessRecord::State::Idle;
  }
  return found;
}

/// Whether one has ended that had what matches.
template <class Matches>
bool ProcessTable::await_keeper(const Matches& matches) {
  for (auto path = busy_.begin(); path != busy_.end(); ++path) {
    if (!has_record(*path, matches)) continue;
    const UniqueFd file(::open(path->c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    // One that goes on, all the same, is not waited for again.
    busy_.erase(path);
    return file && lock_in_time(file.get());
  }
  return false;
}

std::optional<Error> ProcessTable::take_complaint() {
  if (no_room_) return std::exchange(no_room_, std::nullopt);
  if (told_ == unreadable_.size()) return std::nullopt;
  return Error{EPROTO, "take on what another version of kindred left in", unreadable_[told_++]};
}

UniqueFd ProcessTable::open_left_pipe(std::uint64_t pipe) const {
  if (pipe == 0) return UniqueFd{};
  for (const Left& left : left_) {
    if (left.record.pipe != pipe || !is_alive(left.record, left.keeper, left.shares)) continue;
    for (const int fd : {0, 1})
      if (UniqueFd opened = open_pipe_of(left.record.pid, fd, pipe)) return opened;
  }
  return UniqueFd{};
}

}  // namespace kindred
