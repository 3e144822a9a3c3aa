#pragma once
// The life of one supervised process. A value: no clock, no descriptor, no allocation.
//
// Life:   [start] -> run -> [finish] -> wanted up?  yes: throttle, run again
//                                                    no: [stop] -> rest
//
//   phase      process   may be wanted    leaves by
//   Stopped    none      down, once       a command
//   Waiting    none      up, once         its deadline, or a command that ends the wish
//   Starting   start     any              the end of start
//   Started    none      up, once         a command
//   Running    run       any              the end of run
//   Finishing  finish    any              the end of finish
//   Stopping   stop      any              the end of stop
//   Failed     none      down, once       a command
//
// Precedence. A want never touches a process by itself: commands signal, deaths decide. The newest want
// counts at the moment of decision, which is when run (with its finish) has ended. Exiting overrides every
// want there (but see Convention::exit_at_rest): what is down and exiting retires. `exiting` is not a want:
// some families leave the want alone (see Do::Exit). Where a family's once is want down and one start, that
// start waits wanted down.
//
// A custom control script may stand between the steps of a command (awaiting_custom()); the owner feeds no
// further command until it has ended. Deaths and timers go on meanwhile, and the steps that remain address
// only the process that the command began with. What exits meanwhile retires when the command is over.
//
// Where the owner knows what run has forked away, run has ended when the last of these has: until then one of them
// stands for it (event::Outlived), and is signalled, shown and waited for as run was.

#include <algorithm>
#include <variant>

#include "core/base/fixed_vector.h"
#include "core/service/convention.h"
#include "core/service/status_record.h"

namespace kindred {

struct ServiceMachine {
  StatusRecord record;
  Instant not_before = Instant::long_ago();   ///< the throttle: no start earlier
  Instant started_at = Instant::long_ago();   ///< steady time of the latest start of run
  Instant ready_at = Instant::long_ago();     ///< steady time of the latest readiness
  Instant phase_deadline = Instant::never();  ///< Waiting: start; with a process: kill it
  Instant custom_deadline = Instant::never();
  ControlCommand command{};      ///< the command whose steps are not over
  std::int32_t run_pid = 0;      ///< of the latest run
  std::int32_t command_pid = 0;  ///< the process it began with
  std::int32_t custom_pid = 0;   ///< the custom control script that runs; -1: asked for
  Steps remaining{};             ///< what is left of it, the next step first
  std::uint32_t ends = 0;        ///< of run, in a row, that nobody asked for; see Convention::back_off
  bool in_command = false;
  bool custom_decides = false;  ///< success of the custom script that runs takes the place of the next step
  bool start_due = true;        ///< the next start begins with the start script
  bool stop_owed = true;        ///< the stop script runs once the service is down
  bool was_ready = false;       ///< this life, or the one before it, signalled readiness
  bool retired = false;
  Script due = Script::Run;      ///< what Waiting waits to start
  bool pre_start_asked = false;  ///< the custom script that runs is the one for a start
  bool start_held = false;       ///< a start waits for a command's custom script to end
  bool end_untold = false;       ///< run has ended, and waiters have not heard of it
  bool giving_up = false;        ///< finish has said not to restart, and waiters have not heard of it
  bool empty_is_up = false;      ///< see event::EmptyIsUp
  bool outlived = false;         ///< run's own process has ended; see event::Outlived
  ExitStatus own_exit{};         ///< how that ended, if what it has left behind is being ended
  friend bool operator==(const ServiceMachine&, const ServiceMachine&) = default;

  [[nodiscard]] bool awaiting_custom() const { return custom_pid != 0; }
  [[nodiscard]] bool has_process() const { return record.pid != 0; }
  [[nodiscard]] Instant next_deadline() const { return std::min(phase_deadline, custom_deadline); }
};

namespace event {
struct Begin {
  Want want = Want::Up;
};
/// What stood for run has ended, and has left others behind, of which `pid` is the one that stands for it now. All of
/// them are told to stop, and killed after `limit`; unless run was to leave them, and has succeeded: who forks twice leaves
/// one that leaves another.
struct Outlived {
  std::int32_t pid = 0;
  ExitStatus status;  ///< of what has ended
  bool follow = false;
  Duration limit{0};
};
/// A script that an earlier supervisor left running. Its end will be of unknown status.
struct Adopted {
  std::int32_t pid = 0;
  WallTime since;  ///< as the record has it: the start of run
  Script script = Script::Run;
  Want want = Want::Up;
  bool paused = false;
};
struct Command {
  ControlCommand command;
};
struct Spawned {
  Script script;
  std::int32_t pid;
};
struct SpawnFailed {
  Script script;
};  ///< no process could be made, or the supervisor saw exec fail
struct ScriptAbsent {
  Script script;
};
struct Exited {
  std::int32_t pid;
  ExitStatus status;
};
struct CustomSpawned {
  std::int32_t pid;
};
struct CustomAbsent {};
struct BecameReady {};
/// The kernel says that a process was stopped, or continued.
struct Stopped {
  std::int32_t pid = 0;
  bool stopped = true;
};
struct TimerFired {};
struct EmptyIsUp {};  ///< from now on the end of run leaves the service up, until it is wanted down
struct MainLeft {
  bool terminate = false;
};  ///< to a log: it is not started again, and ends by end of file or TERM
}  // namespace event

using Event = std::variant<event::Begin, event::Adopted, event::Command, event::Spawned, event::SpawnFailed,
                           event::ScriptAbsent, event::Exited, event::CustomSpawned, event::CustomAbsent,
                           event::BecameReady, event::Stopped, event::TimerFired, event::EmptyIsUp,
                           event::MainLeft, event::Outlived>;

/// What waiters hear.
enum class Notice : std::uint8_t { Supervised, Up, Ready, Ended, Settled, WillNotRestart, Retired };

struct Action {
  enum class Kind : std::uint8_t {
    Publish,     ///< the record has changed
    Spawn,       ///< `script`; the owner answers Spawned, SpawnFailed or ScriptAbsent. Always last
    RunCustom,   ///< the custom script `letter`; the owner answers CustomSpawned or CustomAbsent. Always last
    Kill,        ///< `signal` to `pid`, or to its group
    Announce,    ///< `notice`
    MakeDown,    ///< create the `down` file
    RemoveDown,  ///< remove it
    DropOutput,
    Retire,   ///< supervision is over. Always last
    EndLeft,  ///< `signal` to all that run has left behind, `pid` among them
  };
  Kind kind = Kind::Publish;
  Script script = Script::Run;
  std::uint8_t signal = 0;
  bool to_group = false;
  char letter = 0;
  Notice notice = Notice::Up;
  std::int32_t pid = 0;
  friend bool operator==(const Action&, const Action&) = default;
};
using Actions = FixedVector<Action, 16>;

/// One event, one answer. The actions are to be executed in order. A machine that has retired answers
/// nothing.
[[nodiscard]] Actions step(ServiceMachine& machine, const Event& event, const Convention& convention,
                           const Now& now) noexcept;

/// What a TERM to the supervisor means to a service that is in this state.
[[nodiscard]] inline const FixedVector<Verb, 2>& shutdown_of(const ServiceMachine& machine,
                                                             const Convention& rules) {
  const bool ending = machine.record.phase == Phase::Finishing && !rules.shutdown_in_finish.empty();
  return ending ? rules.shutdown_in_finish : rules.shutdown;
}

}  // namespace kindred
