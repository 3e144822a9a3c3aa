#pragma once
// What binds a process to its service, written by kindred alone and where only its user can write: a file in
// the run directory for each process that supervises. Who may write in a service's own directory is never
// believed. A supervisor that was killed leaves its table behind; the next one finds there what it
// supervised, and takes it on.
//
// A table is mapped by the process that keeps it, and locked (flock) for as long as that lives. A child
// writes its own pid into it before it is executed, so there is no moment at which it runs and is not known.
//
//   offset size header
//        0    7 "kindred"
//        7    1 version, '1'
//        8   16 boot id, mixed
//       24    8 inode of the pid namespace
//       32    8 size of a record, little-endian like all that follows
//       40    4 pid of the keeper
//       44    4 number of records
//       48    8 start of the process with whose descriptor table the keeper shares its own, in ticks after boot
//       56    4 … and its pid; 0: nobody's
//       64      the records: struct ProcessRecord, in this machine's layout
//
// (The keeper of a table is who writes it: a core. The process that keeps a core, and shares its descriptors, is the
// other one: see core/keeper/keeper.h. A core that takes the place of one that was killed finds here the whole machine
// of each service, and what that was about to do.)
//
// Within a version records may become longer, and mean the same as far as the shorter ones go. What another
// version of kindred left is left alone, and named once: it tells of processes that may live.
//
// Source: none of the originals has such a thing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/scan_rules.h"
#include "core/engine/snapshot.h"
#include "core/service/machine.h"
#include "core/service/trace.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// A service directory, and when it was made: a number is given again when its directory has gone.
struct ServiceIdentity {
  DirectoryId directory;
  std::uint64_t made = 0;  ///< nanoseconds since 1970; 0 where the file system does not tell
  friend bool operator==(const ServiceIdentity&, const ServiceIdentity&) = default;
};
[[nodiscard]] std::optional<ServiceIdentity> service_identity(int directory) noexcept;

struct ProcessRecord {
  enum class State : std::uint8_t {
    Free,
    Idle,      ///< supervised, without a process
    Intended,  ///< a process is being made; `pid` is there as soon as it is
    Running,
  };
  std::uint64_t inode = 0, made = 0;  ///< ServiceIdentity
  std::uint64_t intended = 0;         ///< boot time in nanoseconds: before the process was made
  std::uint64_t since = 0;   ///< the latest start of run, as records have it, in nanoseconds since 1970
  std::uint32_t device = 0;  ///< of the inode
  std::uint32_t pipe = 0;    ///< inode of the pipe to or from its log; 0: none
  std::uint32_t begun = 0;   ///< microseconds after `intended`, by the process's own clock, rounded up
  std::int32_t pid = 0;
  State state = State::Free;
  Role role = Role::Main;
  Script script = Script::Run;
  Want want = Want::Up;
  bool paused = false, ready = false;
  bool left = false;  ///< with its process, by a keeper that goes on
  std::uint8_t unused = 0;
  // From here on: for who goes on in the place of the keeper, in the same home and family.
  std::array<char, 12> home{}, family{};  ///< as far as there is room, which is enough to tell them apart
  std::uint32_t ready_pipe = 0;           ///< inode of the pipe on which run says that it is ready; 0: none
  std::uint16_t machine_size = 0;         ///< 0: it is not there, or is just being written
  bool main_left = false;                 ///< see GroupMachine
  bool shutting_down = false;             ///< once a custom control script has ended
  bool holds_exit = false;                ///< `exit`, until a custom control script has ended
  ExitStatus exit;
  std::int32_t exit_pid = 0;
  FixedVector<Action, 8> pending;  ///< what the machine has said and its owner has not done
  std::array<std::uint8_t, kLongestMachine> machine{};
  Trace trace;
  std::int32_t tree = 0;        ///< of what run forks away: kNoTree, kInGroup, or its head
  std::uint32_t head_pipe = 0;  ///< inode of the pipe on which that tells; 0: none
};
/// Values of ProcessRecord::tree.
inline constexpr std::int32_t kNoTree = 0, kInGroup = -1;
/// Of which a table of an earlier kindred has nothing after it.
inline constexpr std::size_t kShortestRecord = 56;
static_assert(offsetof(ProcessRecord, home) == kShortestRecord);

/// What a core leaves of a role that goes on in the next.
struct RoleImage {
  ServiceMachine machine;
  Actions pending;
  std::optional<event::Exited> held_exit;
  bool main_left = false, shutting_down = false;
};

/// What an earlier supervisor left of one role of a service.
struct LeftBehind {
  ProcessRecord record;
  /// It is of this very directory, and not of one before it that had its number; where a process is alive
  /// that need not be known.
  bool certain = false;
  bool alive = false;             ///< its process is there still, and is the one that was recorded
  std::uint64_t start_ticks = 0;  ///< of that
  bool is_keepers = false;        ///< it is a child of who keeps us, and may have ended already
  /// All that is known of it, where the one who left it was kept by who keeps us.
  std::optional<RoleImage> image;
  UniqueFd process;  ///< readable when it has ended; none where the kernel refuses such a thing
};

struct TableHeader;

/// What a table begins with.
inline constexpr std::string_view kTableBeginning = "kindred";

/// What the names of a core's tables begin with.
[[nodiscard]] std::string beginning_of_tables(std::int32_t core);

/// A keeper that lives, and its core, as a table in that directory tells.
struct KeeperFound {
  std::int32_t keeper = 0, core = 0;
  UniqueFd process;  ///< the keeper's; none where the kernel has no such thing
};
[[nodiscard]] std::vector<KeeperFound> find_keepers(const std::string& run_directory);

/// What a supervisor that is no kindred has of one role of a service, as it can be known from outside.
struct ForeignRole {
  ServiceIdentity service;
  Role role = Role::Main;
  std::int32_t pid = 0;           ///< 0: there is no process
  std::uint64_t start_ticks = 0;  ///< of that
  Script script = Script::Run;
  Want want = Want::Up;
  bool paused = false, ready = false;
  WallTime since;                ///< the latest start of run
  std::uint64_t pipe = 0;        ///< inode of the pipe to or from its log; 0: none
  std::uint64_t ready_pipe = 0;  ///< inode of the pipe on which run says that it is ready; 0: none
};
/// Leaves it in a table of its own, as a kindred that was killed would have: who takes the service up finds it. Returns
/// the table's path, for who changes his mind. Errors: what could not be done in the directory.
[[nodiscard]] Result<std::string> leave_foreign(const std::string& run_directory,
                                                std::span<const ForeignRole> roles);

/// Whether all that was left in that table has been taken up.
[[nodiscard]] bool is_taken(const std::string& table);

/// What the tables of that run directory, and those in memory, tell of a service's latest past, main first: as its supervisor
/// goes on, or was when it ended. Where they tell nothing: those that this user's keepers hold.
struct TraceFound {
  Role role = Role::Main;
  Trace trace;
};
[[nodiscard]] std::vector<TraceFound> find_traces(const std::string& run_directory,
                                                  const ServiceIdentity& service);

/// Of a core that was killed while it made a process: waits until that is executed. Until then it has the core's
/// descriptors, which are ours now, and no copy of its own.
void await_births(const std::string& run_directory);

class ProcessTable {
 public:
  using Place = std::uint32_t;
  static constexpr Place kNone = UINT32_MAX;

  ProcessTable() = default;
  ~ProcessTable();
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;

  /// Begins a table in that directory; where there can be none, because the disk is full or because somebody else may
  /// write there, in one of this user's in memory; and where there is no room there either, in memory that the keeper
  /// holds for the next core. It moves on likewise where it cannot grow. Tables are looked for in all of them. Errors:
  /// what could not be done in the first.
  [[nodiscard]] Status open(const std::string& run_directory);
  /// What the keeper held of the core before this one. Call it first.
  void take_held(std::vector<UniqueFd> tables) noexcept { held_ = std::move(tables); }

  /// What was left of that role, which from now on is the caller's. Call where nobody else can have the service any
  /// more: a keeper that has it in its table still is at its end, and is waited for.
  /// It is in the record `into` before it is nowhere else: who is killed meanwhile leaves it twice, never not at all.
  /// `home`, `family`: in which the service goes on.
  [[nodiscard]] std::optional<LeftBehind> take(const ServiceIdentity& service, Role role, Place into = kNone,
                                               std::string_view home = {}, std::string_view family = {});
  /// Ends what was left of services whose directories have been deleted since: nobody will ask for that. Logs read to
  /// the end.
  void end_deleted() noexcept;
  /// What has been taken is forgotten; what nobody has asked for yet, somebody may.
  void forget_taken() noexcept;
  /// Gives back the pages through which it was written: the file has them, and they come back when they are needed.
  void release_pages() noexcept;
  /// Whether one that nobody has taken yet has this process.
  [[nodiscard]] bool is_left(std::int32_t pid) const noexcept;
  /// A table that take() has found and cannot read: EPROTO. Or that there is no room for what is reserved. Each is told
  /// of once.
  [[nodiscard]] std::optional<Error> take_complaint();
  /// A pipe of that number between processes that were left behind, from any that has it still, for both
  /// directions. What a process has put in its place is another pipe.
  [[nodiscard]] UniqueFd open_left_pipe(std::uint64_t pipe) const;

  /// Room for one role. kNone where there is none: the disk is full, or there is no table.
  [[nodiscard]] Place reserve(const ServiceIdentity& service, Role role, std::string_view home = {},
                              std::string_view family = {});
  // From here on nothing allocates, and a record kNone is nobody's.
  void set_pipe(Place record, std::uint64_t inode) noexcept;
  /// A process of this script is about to be made.
  void intend(Place record, Script script) noexcept;
  /// … and this is it: called by the process itself.
  void note_process(Place record, std::int32_t pid) noexcept;
  /// What the machine is, and what is about to be done for it: written before that is begun.
  void note_image(Place record, const ServiceMachine& machine, const Actions& pending,
                  const std::optional<event::Exited>& held_exit) noexcept;
  void note_group(Place record, bool main_left, bool shutting_down) noexcept;
  void note_ready_pipe(Place record, std::uint64_t inode) noexcept;
  /// Where what run forks away is found; see ProcessRecord.
  void note_tree(Place record, std::int32_t tree, std::uint64_t head_pipe) noexcept;
  /// Another process stands for the one that was there: one that began so many ticks after boot.
  void note_heir(Place record, std::int32_t pid, std::uint64_t start_ticks) noexcept;
  /// For people: it is in the file, which is not in memory while nothing happens, and outlives who wrote it.
  void note_trace(Place record, const TraceEntry& entry) noexcept;
  /// As the machine has it now.
  void settle(Place record, const StatusRecord& now) noexcept;
  /// Supervision has ended. One that still has a process stays for who comes next.
  void release(Place record) noexcept;

 private:
  friend Result<std::string> leave_foreign(const std::string& run_directory,
                                           std::span<const ForeignRole> roles);
  struct Left {
    ProcessRecord record;
    ProcessRecord* source = nullptr;  ///< in the mapping of its table
    std::int32_t keeper = 0;
    bool shares = false;  ///< its keeper shared the descriptors that we share
  };
  struct Mapping {
    void* begin = nullptr;
    std::size_t size = 0;
  };

  [[nodiscard]] bool grow() noexcept;
  [[nodiscard]] ProcessRecord* at(Place record) noexcept;
  void copy(const ProcessRecord& left, Place into) noexcept;
  /// Where tables lie.
  struct Whereabouts {
    std::string path;
    timespec changed_at{};  ///< when it was read last
    bool settled = false;   ///< … and had not changed for a while
  };

  /// A table of that size, which has all that is in the present one and takes its place.
  [[nodiscard]] Status make_table(const std::string& directory, std::size_t size);
  [[nodiscard]] Status make_held_table(std::size_t size);
  [[nodiscard]] Status begin(int file, std::string path, std::size_t size);
  /// In the first place after the present one that has room.
  [[nodiscard]] Status move_on(std::size_t size);
  void look_for_left();
  [[nodiscard]] bool has_looked(const Whereabouts& place) const noexcept;
  void read_left(int directory, const std::string& path, const TableHeader& here);
  void read_held(const TableHeader& here);
  /// Whether anybody may ask for what is there.
  [[nodiscard]] bool map_left(int file, std::size_t size, const TableHeader& header, const TableHeader& here);
  template <class Matches>
  [[nodiscard]] std::optional<LeftBehind> take_left(const ServiceIdentity& service, Place into,
                                                    const Matches& matches);
  /// Whether it tells of a process that the kernel cannot have given to anybody else.
  [[nodiscard]] bool is_keepers_child(const Left& left) const noexcept;
  template <class Matches>
  [[nodiscard]] bool await_keeper(const Matches& matches);
  void forget_left() noexcept;

  std::array<Whereabouts, 2> places_;  ///< the run directory, and the one in memory
  std::string own_path_;               ///< empty: the keeper holds it
  UniqueFd own_file_;                  ///< then this is it
  std::size_t place_ = 0;
  Mapping own_;
  Place records_ = 0;
  Place first_free_ = 0;
  std::size_t left_up_ = 0;  ///< own records of processes that nobody supervises
  std::vector<Left> left_;   ///< by inode
  std::vector<Mapping> left_tables_;
  std::vector<pid_t> keepers_children_;  ///< of who keeps us, when it was looked for what was left
  std::vector<UniqueFd> held_;
  std::optional<Error> no_room_;  ///< not told yet
  bool was_full_ = false;
  std::vector<std::string> busy_;        ///< paths of tables that somebody keeps
  std::vector<std::string> unreadable_;  ///< likewise
  std::size_t told_ = 0;                 ///< of those
  std::uint64_t looked_at_ = 0;          ///< boot time in nanoseconds
};

}  // namespace kindred
