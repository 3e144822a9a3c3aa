#pragma once
// The status record: the canonical state of one supervised process, the superset that every dialect maps from
// and to. An encoder is a total function of the GroupSnapshot; a decoder fills in what the bytes tell and
// leaves the rest unknown.

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/time.h"

namespace kindred {

enum class Role : std::uint8_t { Main, Log };

/// The programs of a service, by what they are for. Families name them otherwise: finish is perp's reset and
/// nosh's restart.
enum class Script : std::uint8_t { Start, Run, Finish, Stop };
inline constexpr std::size_t kScripts = 4;

enum class Phase : std::uint8_t {
  Stopped,    ///< no process, none due
  Waiting,    ///< no process; a start is due when the throttle lets it
  Starting,   ///< the start script runs
  Started,    ///< start is over and there is no run script
  Running,    ///< the run script runs
  Finishing,  ///< the finish script runs
  Stopping,   ///< the stop script runs
  Failed,     ///< a script failed for good; only a command starts it again
};
inline constexpr std::size_t kPhases = 8;

/// Which script's process a phase has; run where it has none.
[[nodiscard]] constexpr Script script_of(Phase phase) {
  switch (phase) {
    case Phase::Starting:
      return Script::Start;
    case Phase::Finishing:
      return Script::Finish;
    case Phase::Stopping:
      return Script::Stop;
    default:
      return Script::Run;
  }
}

enum class Want : std::uint8_t { Down, Up, Once };
inline constexpr std::size_t kWants = 3;

/// How a process ended. Unknown: it was adopted and is not our child, or the record does not say.
struct ExitStatus {
  enum class Kind : std::uint8_t { None, Exited, Signaled, Unknown };
  Kind kind = Kind::None;
  std::uint8_t value = 0;  ///< exit code or signal number
  bool core_dumped = false;
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;

  [[nodiscard]] bool success() const { return kind == Kind::Exited && value == 0; }
  static ExitStatus exited(int code) { return {Kind::Exited, static_cast<std::uint8_t>(code), false}; }
  static ExitStatus signaled(int signal, bool core = false) {
    return {Kind::Signaled, static_cast<std::uint8_t>(signal), core};
  }
  static ExitStatus unknown() { return {Kind::Unknown, 0, false}; }
};

struct StatusRecord {
  Phase phase = Phase::Stopped;
  Phase before = Phase::Stopped;  ///< what a stop script or a rest came after
  Want want = Want::Up;
  bool once = false;       ///< the latest wish to have it up was for one run
  bool at_most = false;    ///< … and for none where none is under way
  bool up_again = false;   ///< wanted up by a command that came after the end of run
  bool gave_up = false;    ///< wanted down since finish said so, and not because anybody asked for it
  bool exiting = false;    ///< the supervisor leaves this service when it is down
  bool ready = false;      ///< up: the service said so
  bool paused = false;     ///< a pause was sent to the living process
  bool sent_term = false;  ///< the living process has been sent TERM
  bool sent_down = false;  ///< the living process has been told to stop because it is wanted down
  std::int32_t pid = 0;    ///< of whichever script runs; 0 without a process
  WallTime pid_changed;    ///< the pid came or went (at first: supervision began)
  WallTime run_started;    ///< the latest start of run
  WallTime run_ended;      ///< the latest end of run
  WallTime down_since;     ///< the service, finish included, came to rest
  WallTime ready_changed;  ///< readiness came, or the service came to rest
  std::array<ExitStatus, kScripts> last_exit{};
  /// Of each script: it began or ended, or that was forgotten; at first, supervision began.
  std::array<WallTime, kScripts> script_changed{};
  friend bool operator==(const StatusRecord&, const StatusRecord&) = default;

  [[nodiscard]] const ExitStatus& exit_of(Script s) const { return last_exit[static_cast<std::size_t>(s)]; }
  [[nodiscard]] ExitStatus& exit_of(Script s) { return last_exit[static_cast<std::size_t>(s)]; }
  [[nodiscard]] WallTime changed(Script s) const { return script_changed[static_cast<std::size_t>(s)]; }
  [[nodiscard]] WallTime& changed(Script s) { return script_changed[static_cast<std::size_t>(s)]; }
};

/// What a status file or a status answer is made from: a main process and, where the family supervises both
/// together, its log process.
struct GroupSnapshot {
  StatusRecord main;
  std::optional<StatusRecord> log;
  friend bool operator==(const GroupSnapshot&, const GroupSnapshot&) = default;

  [[nodiscard]] const StatusRecord& of(Role role) const { return role == Role::Log && log ? *log : main; }
};

}  // namespace kindred
