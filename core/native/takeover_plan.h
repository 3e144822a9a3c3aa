#pragma once
// What is to be taken over from a supervisor that is no kindred: from what the kernel tells of it and its record says, what
// runs, and which of its descriptors its successor needs. Pure.
//
// A service directory may be another user's, who can have written the record: what it says of processes counts only for
// children of the supervisor, and which descriptor is what is told by the kernel alone.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/dialect.h"

namespace kindred {

struct FileId {
  std::uint64_t device = 0, inode = 0;
  friend bool operator==(const FileId&, const FileId&) = default;
};

/// A FIFO or pipe that a process has open.
struct HeldFifo {
  int fd = -1;
  FileId id;
  bool is_pipe = false;  ///< it has no name
  bool reads = false, writes = false;
  bool waits = true;  ///< it was not made non-blocking
};

struct ForeignChild {
  std::int32_t pid = 0;
  std::uint64_t start_ticks = 0;
  bool ended = false;          ///< and nobody has asked how
  bool is_being_made = false;  ///< it executes the supervisor's own program still
};

/// The files by which a role is seen, in its supervise directory.
struct RoleFiles {
  std::optional<DecodedStatus> record;  ///< nullopt: there is none, or it is not the family's
  std::optional<FileId> control, ok;
};

/// A supervisor at one moment.
struct ForeignSupervisor {
  std::vector<HeldFifo> fifos;
  std::vector<ForeignChild> children;
  RoleFiles main;
  std::optional<RoleFiles> log;  ///< it looks after the log, too
  /// The pipe between the service and its log, where the scanner made it.
  std::optional<FileId> scanners_pipe;
};

struct TakenRole {
  std::int32_t pid = 0;  ///< 0: nothing runs
  std::uint64_t start_ticks = 0;
  Script script = Script::Run;
  Want want = Want::Up;
  bool paused = false, ready = false;
  WallTime since;
};

/// A descriptor of the old supervisor that its successor opens anew.
struct TakenFifo {
  int fd = -1;
  FileId id;
  bool for_both = false;  ///< directions; else for reading
  friend bool operator==(const TakenFifo&, const TakenFifo&) = default;
};

struct TakeoverPlan {
  TakenRole main;
  std::optional<TakenRole> log;
  std::vector<TakenFifo> fifos;
  std::uint64_t pipe = 0;        ///< inode of the pipe to or from the log; 0: there is none
  std::uint64_t ready_pipe = 0;  ///< … of the pipe on which main says that it is ready
};

/// Errors: EAGAIN for what passes (a process is being made, has just ended, or a control script runs); EBADMSG where a
/// record is none of the family. The object says what it was.
[[nodiscard]] Result<TakeoverPlan> plan_takeover(const ForeignSupervisor& supervisor);

/// The pipe between the services that two supervisors look after: what `main` writes into and `log` reads; nullopt: none.
[[nodiscard]] std::optional<FileId> scanners_pipe(std::span<const HeldFifo> main,
                                                  std::span<const HeldFifo> log);

/// Whether /proc/PID/status says that the process is this user's in every regard (real, effective, saved, for files). Who
/// owns that directory does not: of what may not be dumped it is root.
[[nodiscard]] bool is_all_of_user(std::string_view status, std::uint32_t user);

/// Of /proc/PID/fdinfo/N: the flags of open(2). nullopt: it is none.
[[nodiscard]] std::optional<int> parse_open_flags(std::string_view fdinfo);

}  // namespace kindred
