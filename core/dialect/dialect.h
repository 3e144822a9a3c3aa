#pragma once
// A dialect: one family's API as a struct of parts. Codecs are pure and symmetric; nothing here opens a file.

#include <array>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/error_text.h"
#include "core/base/fixed_vector.h"
#include "core/base/result.h"
#include "core/dialect/evidence.h"
#include "core/dialect/scan_rules.h"
#include "core/service/control_command.h"
#include "core/service/convention.h"
#include "core/service/machine.h"
#include "core/service/status_record.h"

namespace kindred {

// --- status ---

/// The longest record or text that any status file of any family holds.
inline constexpr std::size_t kMaxStatusFile = 96;

/// One of the files in which a supervise directory tells a service's state.
struct StatusFile {
  const char* name = nullptr;
  /// Writes the file's content and returns its length. Total.
  std::size_t (*encode)(const GroupSnapshot&, Role, ByteSpan out) = nullptr;
};

/// What a status file told a reader.
struct DecodedStatus {
  GroupSnapshot snapshot;
  bool phase_known = true;  ///< false where the record holds a state that the family does not define
  bool pid_only = false;  ///< the record has no state: the phase says no more than that there is a pid or not
  /// The record's own state byte, by role, for the words of the programs of that family.
  std::array<std::optional<std::uint8_t>, 2> state{};
};

struct StatusCodec {
  FixedVector<StatusFile, 3> files;  ///< in the order in which they are written
  const char* record = "status";     ///< the one that decode() reads
  /// nullopt: not this family's record (too short, mostly). Reads any bytes without harm.
  std::optional<DecodedStatus> (*decode)(ByteView) = nullptr;
};

// --- control ---

/// What one stream of control bytes remembers: a family's modifiers, for instance.
using ControlMode = std::uint8_t;

using ControlBytes = FixedVector<char, 6>;

struct ControlCodec {
  /// One byte of a stream. nullopt: no command (unknown, or a modifier that `mode` now holds).
  std::optional<ControlCommand> (*decode)(std::uint8_t byte, ControlMode& mode) = nullptr;
  /// The bytes that say this command. Empty: the family cannot express it.
  ControlBytes (*encode)(const ControlCommand&) = nullptr;
};

// --- the supervise directory ---

enum class LockKind : std::uint8_t { Flock, OfdRecord };

/// How a status file is brought up to date.
enum class StatusWrite : std::uint8_t {
  Replace,  ///< by a new file of the same name: a reader sees the old record or the new one
  InPlace,  ///< by one write into the same file: readers keep it open and look again
};

/// A directory in which waiters make FIFOs that are told what happens, beside the supervise directory.
struct EventDirectory {
  const char* name = nullptr;
  std::uint16_t mode = 03730;
  char (*letter)(Notice) = nullptr;
};

/// A file of the latest deaths of run, oldest first.
struct DeathTally {
  const char* name = nullptr;
  std::uint16_t most = 100;        ///< deaths that are kept, unless the service says otherwise
  std::uint16_t most_ever = 4096;  ///< … whatever the service says
  std::size_t record_size = 0;     ///< bytes of one
  void (*encode)(WallTime, ExitStatus, ByteSpan out) = nullptr;
  std::pair<WallTime, ExitStatus> (*decode)(ByteView record) = nullptr;
};

/// What came back through a door.
struct DoorReply {
  int error = 0;  ///< errno
  std::optional<DecodedStatus> status;
};

/// A socket beside service directories, where one supervisor answers for all of them by turns. How its
/// clients speak; at most 320 bytes each way.
struct DoorCodec {
  const char* socket = nullptr;  ///< from the directory in which the service directories lie
  /// Writes the question about a service and returns its length.
  std::size_t (*ask)(const DirectoryId&, ByteSpan out) = nullptr;
  /// … or one of the family's letters to it.
  std::size_t (*command)(const DirectoryId&, char letter, ByteSpan out) = nullptr;
  /// nullopt: the reply is not whole yet.
  std::optional<DoorReply> (*read)(ByteView received) = nullptr;
};

/// A service's supervise directory: names and modes (before umask). Null: the family has no such file.
struct SuperviseLayout {
  /// Null: the family keeps nothing in service directories. Empty: the files lie in the directory itself.
  const char* directory = "supervise";
  /// Where a service's files lie instead, by the physical path of its directory; null: as `directory` says,
  /// which is empty otherwise.
  std::string (*directory_of)(const std::string& physical) = nullptr;
  std::uint16_t directory_mode = 0700;
  const char* lock = "lock";
  std::uint16_t lock_mode = 0600;
  bool lock_mode_exact = false;  ///< whatever the umask
  LockKind lock_kind = LockKind::Flock;
  const char* control = "control";
  const char* ok = "ok";  ///< a FIFO that has a reader while the supervisor lives
  std::uint16_t fifo_mode = 0600;
  /// Clients write into an ordinary file in its place, too.
  bool control_may_be_file = false;
  std::uint16_t ok_mode = 0600;
  bool ok_mode_exact = false;  ///< whatever the umask
  std::uint16_t status_mode = 0644;
  StatusWrite status_write = StatusWrite::Replace;
  /// What cannot be a status file keeps the service from being supervised; otherwise it is complained of.
  bool status_must_open = false;
  EventDirectory event{};
  DeathTally tally{};
  /// The log process of a group is told of in main's status file and driven by main's control FIFO; otherwise
  /// it has a supervise directory of its own in `log/`.
  bool log_with_main = false;
  /// Where the family keeps nothing in service directories: the door at which its supervisor answers.
  const DoorCodec* door = nullptr;
  /// What clients of this family look at in a service directory besides; a view tree shows it there.
  FixedVector<const char*, 4> service_files{"down"};
  /// A script among them that such clients execute in the service directory.
  const char* service_script = nullptr;
};

// --- settings ---

/// What of a convention a service's own files may set. Each is read when it matters and not before.
enum class Setting : std::uint8_t {
  Descriptors,   ///< ready_fd, lock_fd: before a start of run
  DownSignal,    ///< before it is sent
  ReloadSignal,  ///< likewise
  KillAfter,     ///< when a command arms it
  FinishLimit,   ///< the limit of finish: when it begins
  DeathTally,    ///< at a death
};
inline constexpr std::array kSettings = {Setting::Descriptors, Setting::DownSignal,  Setting::ReloadSignal,
                                         Setting::KillAfter,   Setting::FinishLimit, Setting::DeathTally};

/// Small files of a service directory, as its author wrote them. Nothing here allocates.
class ServiceFiles {
 public:
  /// The first bytes, in `room`; nullopt where there is no such regular file.
  [[nodiscard]] virtual std::optional<std::string_view> read(const char* name,
                                                             std::span<char> room) const noexcept = 0;
  virtual void warn(std::string_view text) const noexcept = 0;

 protected:
  ~ServiceFiles() = default;
};

// --- signals ---

/// What services are given of the signals that their supervisor was started with ignored or blocked: all that
/// is not named here stays so.
struct SignalInheritance {
  FixedVector<int, 6> at_default{SIGCHLD};  ///< not ignored
  FixedVector<int, 2> unblocked{SIGCHLD};
  bool nothing_blocked = false;
};

/// What a signal means to the supervisor of a single service.
struct SignalMeaning {
  int signal = 0;
  bool shut_down = false;  ///< what the convention's shutdown says; otherwise these commands
  FixedVector<ControlCommand, 2> commands{};
};

// --- words ---

/// How the supervisor's messages are put. In the first three {name} is the service, {operation} and {object}
/// say what failed ({what}: both; {path}: the object below the service's name), {why} is the reason.
struct Wording {
  const char* fatal;         ///< ends the supervision of a service that could not begin
  const char* warning;       ///< supervision goes on
  const char* locked;        ///< another supervisor holds the lock
  const char* start_failed;  ///< from the child that could not exec {file} (without its "./": {script}); the
                             ///< reason follows
  const char* custom_failed = "";  ///< … that could not exec a script in `control/`; empty: start_failed
  const char* setting = "";        ///< what {text} says of one of the service's own files
  const char* started = "";        ///< {script} of {name} is process {pid}; empty: that is not said
  ErrorText reason = error_text;   ///< how {why} is put, and the reason of a start that failed
  const char* not_executed = "";   ///< a run that must exec could not: {object}, and why; empty: a warning
  const char* overdue = "";        ///< a finish has had its time and is killed; empty: that is not said
  const char* leaving = "";        ///< {name} is to be left when it is down; empty: that is not said
  const char* not_entered = "";    ///< the service directory cannot be; empty: fatal
  const char* not_a_fifo = "";     ///< {object} is something else; empty: fatal
  const char* not_lockable = "";   ///< the lock file {object} cannot be had; empty: fatal
  const char* plain_log = "";      ///< the log's directory is none, so there is no log; empty: warning
};

class EventLoop;
class TreeDoor;
class TreeHost;
class FdStore;

struct Dialect {
  const char* name = nullptr;
  /// How its own programs start, stop and restart the service {path}, called {name}; null: nobody's do.
  const char* by_hand = nullptr;
  GroupConvention convention;
  SuperviseLayout layout;
  StatusCodec status;
  ControlCodec control;
  ScanRules scan;
  Wording wording{};
  /// Of the supervisor of a single service. Empty: TERM shuts down, and so do INT and HUP unless ignored from
  /// the start.
  FixedVector<SignalMeaning, 6> signals{};
  SignalInheritance inheritance{};
  int locked_code = 111;      ///< its exit code where another supervisor holds the lock
  int wrong_type_code = 111;  ///< … and where something else has the name of a file of its own
  /// Puts what a service's own files say of a setting into its convention. Null: the family has no such
  /// files.
  void (*configure)(const ServiceFiles&, Setting, Convention&) noexcept = nullptr;
  /// Opens the door through which clients command all services of a view tree, in the tree's directory; `from`: what of it
  /// is open already, where this process goes on in another's place. Null: the family has none.
  Result<std::unique_ptr<TreeDoor>> (*open_door)(EventLoop&, TreeHost&, int root, FdStore& from) = nullptr;
  /// How surely the evidence shows that this family supervises the directory: 0 not at all, 100 certainly.
  int (*recognise)(const Evidence&) = nullptr;
  /// What its authors put into a service directory: of which each is something to run, and what else tells (see
  /// DirectoryShape).
  FixedVector<const char*, 8> scripts{};
  FixedVector<const char*, 8> marks{};
  const char* ready_mark =
      nullptr;  ///< the one of these by which a service says when it is ready; null: it never does
  /// How surely a service directory was written for this family, by what lies in it: 0 not at all; below: it was not,
  /// and this family has nothing to run there.
  int (*shape)(const DirectoryShape&) = nullptr;
};

}  // namespace kindred
