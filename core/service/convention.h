#pragma once
// How a family defines a service's life, as data. A family differs from another in these fields and nowhere
// else: the machine has no family in it.

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/fixed_vector.h"
#include "core/base/time.h"
#include "core/service/back_off.h"
#include "core/service/control_command.h"

namespace kindred {

/// When a script counts as there. It is asked each time the script is due.
enum class Presence : std::uint8_t {
  Never,            ///< the family has no such script
  Assumed,          ///< not looked for: a start without it fails as any failing start does
  Exists,           ///< stat finds it
  Readable,         ///< it can be opened for reading
  OwnerExecutable,  ///< a regular file with the owner's execute bit
  OwnerBit,         ///< anything with the owner's execute bit
};

/// What a script is told, word by word, after its own name.
enum class Word : std::uint8_t {
  LiteralStart,        ///< "start"
  LiteralReset,        ///< "reset"
  ServiceName,         ///< the name under which the supervisor was given the service
  CodeOrMinusOne,      ///< exit code of run, or -1 after a signal
  CodeOr256,           ///< exit code of run, or 256 after a signal
  WaitStatusLowByte,   ///< 0 after an exit, else the signal, plus 128 with a core
  ExitOrSignal,        ///< "exit" or "signal"
  CodeOrSignalNumber,  ///< exit code, or signal number
  SignalName,          ///< "SIGTERM" …, only after a signal
  EndKind,             ///< "exit", "kill", "term", "abort" or "crash"
  SignalShortName,     ///< "TERM" …, only after a signal; its number where it has no common name
  SignalNumber,        ///< signal number, 0 after an exit
  CoreDumped,          ///< "core", only after a signal that left one
};

/// What a script finds in its environment besides the supervisor's own.
enum class Fact : std::uint8_t {
  OwnPid,        ///< its own process id
  EndedPid,      ///< that of the run that has ended
  SecondsLived,  ///< how long that run lived, rounded to the nearest second
};
struct Variable {
  const char* name = nullptr;
  Fact fact = Fact::OwnPid;
};

struct ScriptRule {
  Presence presence = Presence::Never;
  const char* file = nullptr;  ///< executed relative to the service directory, and argv[0]
  FixedVector<Word, 6> words{};
  Duration limit{0};  ///< KILL after so long; 0: never
  FixedVector<Variable, 2> environment{};
  bool null_input = false;  ///< standard input is /dev/null, that of a log too
};

/// One small thing that a command does. A verb is a list of these, in order; what concerns the process is
/// left out where there is none that may be signalled, or where the process has changed since the command
/// began.
enum class Do : std::uint8_t {
  WantUp,
  WantDown,
  WantOnce,
  Exit,
  CancelExit,
  Publish,
  MarkPaused,
  ClearPaused,
  AskCustom,       ///< run the command's custom control script; its success takes the place of the next step
  AskTerminate,    ///< likewise, with the script for `t`
  TellDownOrExit,  ///< run the custom script for `d`, or `x` when exiting, if wanted so; the result does not
                   ///< matter, nor whether the process that the command began with has died meanwhile
  Terminate,       ///< the down signal
  Resume,          ///< CONT
  ResumeIfDown,    ///< CONT if the service is wanted down or exiting
  Suspend,         ///< STOP
  Signal,          ///< the command's own signal
  ArmKill,         ///< KILL when kill_after has passed
  OweStop,         ///< the stop script is due again once the process is gone
  DropOutput,      ///< the supervisor lets go of its own standard input and output
  StartIfDown,
  RestIfDown,  ///< without a process: from started or failed to rest, by the stop script if that is owed
  Leave,       ///< retire at once, process or not
};
inline constexpr std::size_t kDos = static_cast<std::size_t>(Do::Leave) + 1;
using Steps = FixedVector<Do, 10>;
using CommandTable = std::array<Steps, kVerbs>;

struct CommandRow {
  Verb verb;
  Steps steps;
};
/// These rows, and what `others` says of all other verbs: nothing, unless it is given.
[[nodiscard]] constexpr CommandTable command_table(std::initializer_list<CommandRow> rows,
                                                   const CommandTable& others = {}) {
  CommandTable table = others;
  for (const CommandRow& row : rows) table[static_cast<std::size_t>(row.verb)] = row.steps;
  return table;
}

enum class ThrottleFrom : std::uint8_t {
  LastStart,    ///< the next start is due `interval` after the latest one
  QuickDeath,   ///< a run shorter than `interval` costs a full `interval` once it is down
  ReadyOrDown,  ///< `interval` after readiness; of a run that never was ready, after it came to rest
};

struct Throttle {
  ThrottleFrom from = ThrottleFrom::LastStart;
  Duration interval = std::chrono::seconds(1);
  bool command_overrides = false;  ///< an `up` or `once` starts at once all the same
};

using ScriptSet = std::uint8_t;
constexpr ScriptSet set_of(std::initializer_list<Script> scripts) {
  ScriptSet set = 0;
  for (Script s : scripts) set = static_cast<ScriptSet>(set | 1U << static_cast<unsigned>(s));
  return set;
}

struct Convention {
  std::array<ScriptRule, kScripts> scripts{};
  CommandTable commands{};
  Throttle throttle{};
  /// What a service that ends again and again waits besides; no family asks for it, its own file does.
  std::optional<BackOff> back_off = std::nullopt;
  Duration spawn_retry = std::chrono::seconds(5);  ///< after a failed fork, or exec of a run that must
  bool run_must_exec = false;  ///< a run that cannot be executed was not started; else it was and has ended
  ScriptSet signalled = 0;     ///< the scripts that control signals reach
  ScriptSet killable = 0;      ///< those that KILL and CONT reach besides
  std::uint8_t down_signal = 15;
  std::uint8_t reload_signal = 1;
  Duration kill_after{0};  ///< after a down command; 0: never
  Duration kill_again = std::chrono::seconds(5);
  bool own_session = false;      ///< setsid before exec
  bool custom_control = false;   ///< scripts in `control/` are asked
  Duration custom_limit{0};      ///< KILL for one that takes longer
  bool start_from_rest = false;  ///< start precedes run whenever the service comes from rest; otherwise only
                                 ///< at first and after an `up` that was wanted down before. Such a
                                 ///< service has nothing to stop until it has been started, and its
                                 ///< scripts' earlier ends are forgotten then
  bool start_failure_fails = false;        ///< a start script that fails leaves the service failed
  int failing_code = -1;                   ///< an exit of any script with this code leaves the service failed
  int finish_down_code = -1;               ///< an exit of finish with this code: want down
  bool finish_failure_stops = false;       ///< a failing finish: do not restart, go on to stop
  bool run_judges_without_finish = false;  ///< an absent finish ends as run did; otherwise it succeeds
  bool once_becomes_down = false;          ///< at its end, and at finish's, a run wanted once is wanted down
  bool notices_stops = false;              ///< paused is what the process is, whoever stopped or continued it
  bool exit_comes_last = false;     ///< whatever else is said in the same breath is done before an exit
  bool exit_at_rest = false;        ///< exiting leaves restarts alone: only what has come to rest is left
  const char* down_file = "down";   ///< as it begins to be supervised: wanted down if this exists
  const char* once_file = nullptr;  ///< otherwise wanted once if this does
  const char* notify = nullptr;     ///< an owner-executable file is run at every start and end of a script
  const char* stay_in_session = nullptr;  ///< if this exists, own_session does not count
  int ready_fd = -1;     ///< descriptor of run on which a newline means ready; -1: it never says so
  int lock_fd = -1;      ///< descriptor of run on which it holds its lock; -1: none
  int death_tally = -1;  ///< deaths that are kept; -1: as many as the layout says
  FixedVector<Verb, 2> shutdown{Verb::Down, Verb::Exit};  ///< what a TERM to the supervisor means
  FixedVector<Verb, 2> shutdown_in_finish{};              ///< … while finish runs; empty: the same

  [[nodiscard]] const ScriptRule& script(Script s) const { return scripts[static_cast<std::size_t>(s)]; }
  [[nodiscard]] bool has(Script s) const { return script(s).presence != Presence::Never; }
  [[nodiscard]] const Steps& steps(Verb v) const { return commands[static_cast<std::size_t>(v)]; }
};

/// What becomes of the log process when its main has left.
struct LogCoupling {
  bool close_input = false;  ///< the supervisor lets go of the pipe: end of file
  bool terminate = false;    ///< TERM and CONT
};

/// A group of two, or of one: main's convention and that of the log process supervised with it.
struct GroupConvention {
  Convention main{};
  Convention log{};
  /// One supervisor for main and log; otherwise the log is a service of its own.
  bool supervises_log = false;
  /// The log lives in the directory `log`; otherwise beside main, where its run script is executable.
  bool log_is_directory = true;
  /// What tells that there is such a script.
  Presence log_presence = Presence::OwnerExecutable;
  /// So many bytes of the service's name are told to its scripts; 0: all.
  std::size_t longest_name = 0;
  LogCoupling coupling{};
  /// Main's files lie in this directory of the service's, where there is one.
  const char* service_directory = nullptr;
  /// What main says on standard error is its log's too.
  bool log_hears_errors = false;
};

}  // namespace kindred
