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
//       64      the records: struct ProcessRecord, in this machine's layout
//
// Within a version records may become longer, and mean the same as far as the shorter ones go. What another
// version of kindred left is left alone, and named once: it tells of processes that may live.
//
// Source: none of the originals has such a thing.

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/scan_rules.h"
#include "core/service/machine.h"
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
};
static_assert(sizeof(ProcessRecord) == 56);

/// What an earlier supervisor left of one role of a service.
struct LeftBehind {
  ProcessRecord record;
  /// It is of this very directory, and not of one before it that had its number; where a process is alive
  /// that need not be known.
  bool certain = false;
  bool alive = false;             ///< its process is there still, and is the one that was recorded
  std::uint64_t start_ticks = 0;  ///< of that
  UniqueFd process;               ///< readable when it has ended; none where the kernel refuses such a thing
};

struct TableHeader;

class ProcessTable {
 public:
  using Place = std::uint32_t;
  static constexpr Place kNone = UINT32_MAX;

  ProcessTable() = default;
  ~ProcessTable();
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;

  /// Begins a table in that directory; where there can be none, because the disk is full or because somebody else may
  /// write there, in one of this user's in memory. Tables are looked for in both. Errors: what could not be done in the
  /// first.
  [[nodiscard]] Status open(const std::string& run_directory);

  /// What was left of that role, which from now on is the caller's. Call where nobody else can have the service any
  /// more: a keeper that has it in its table still is at its end, and is waited for.
  /// It is in the record `into` before it is nowhere else: who is killed meanwhile leaves it twice, never not at all.
  [[nodiscard]] std::optional<LeftBehind> take(const ServiceIdentity& service, Role role, Place into = kNone);
  /// A table that take() has found and cannot read: EPROTO. Each is told of once.
  [[nodiscard]] std::optional<Error> take_complaint();
  /// A pipe of that number between processes that were left behind, from any that has it still, for both
  /// directions. What a process has put in its place is another pipe.
  [[nodiscard]] UniqueFd open_left_pipe(std::uint64_t pipe) const;

  /// Room for one role. kNone where there is none: the disk is full, or there is no table.
  [[nodiscard]] Place reserve(const ServiceIdentity& service, Role role);
  // From here on nothing allocates, and a record kNone is nobody's.
  void set_pipe(Place record, std::uint64_t inode) noexcept;
  /// A process of this script is about to be made.
  void intend(Place record, Script script) noexcept;
  /// … and this is it: called by the process itself.
  void note_process(Place record, std::int32_t pid) noexcept;
  /// As the machine has it now.
  void settle(Place record, const StatusRecord& now) noexcept;
  /// Supervision has ended. One that still has a process stays for who comes next.
  void release(Place record) noexcept;

 private:
  struct Left {
    ProcessRecord record;
    ProcessRecord* source = nullptr;  ///< in the mapping of its table
    std::int32_t keeper = 0;
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

  [[nodiscard]] Status make_table(const std::string& directory);
  void look_for_left();
  [[nodiscard]] bool has_looked(const Whereabouts& place) const noexcept;
  void read_left(int directory, const std::string& path, const TableHeader& here);
  template <class Matches>
  [[nodiscard]] std::optional<LeftBehind> take_left(const ServiceIdentity& service, Place into,
                                                    const Matches& matches);
  template <class Matches>
  [[nodiscard]] bool await_keeper(const Matches& matches);
  void forget_left() noexcept;

  std::array<Whereabouts, 2> places_;  ///< the run directory, and the one in memory
  std::string own_path_;
  Mapping own_;
  Place records_ = 0;
  Place first_free_ = 0;
  std::size_t left_up_ = 0;  ///< own records of processes that nobody supervises
  std::vector<Left> left_;   ///< by inode
  std::vector<Mapping> left_tables_;
  std::vector<std::string> busy_;        ///< paths of tables that somebody keeps
  std::vector<std::string> unreadable_;  ///< likewise
  std::size_t told_ = 0;                 ///< of those
  std::uint64_t looked_at_ = 0;          ///< boot time in nanoseconds
};

}  // namespace kindred
