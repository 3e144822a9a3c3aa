#pragma once
// A service without processes: the real machine, the real conventions and, where the family has them, the
// real codecs; a clock that is moved by hand, and an owner that executes actions as the engine does. It knows
// no test framework, so the fuzzer drives it too.
//
//   Simulation sim{kRunit};
//   sim.begin();
//   sim.main_exits(1);
//   EXPECT_EQ(sim.next_timer(), 1s);

#include <array>
#include <csignal>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/service/describe.h"
#include "core/service/group.h"
#include "core/service/trace.h"
#include "tests/core/families.h"
#include "tests/core/invariants.h"

namespace kindred::test {

[[nodiscard]] inline std::string signal_word(int signal) {
  switch (signal) {
    case SIGTERM:
      return "TERM";
    case SIGCONT:
      return "CONT";
    case SIGKILL:
      return "KILL";
    case SIGSTOP:
      return "STOP";
    case SIGHUP:
      return "HUP";
    case SIGALRM:
      return "ALRM";
    case SIGINT:
      return "INT";
    case SIGQUIT:
      return "QUIT";
    case SIGUSR1:
      return "USR1";
    case SIGUSR2:
      return "USR2";
    default:
      return "signal-" + std::to_string(signal);
  }
}

[[nodiscard]] inline const char* phase_name(Phase phase) {
  static constexpr const char* kWords[] = {"stopped", "waiting",   "starting", "started",
                                           "running", "finishing", "stopping", "failed"};
  return kWords[static_cast<std::size_t>(phase)];
}

[[nodiscard]] inline char notice_letter(Notice notice) {
  static constexpr char kLetters[] = {'s', 'u', 'U', 'd', 'D', 'O', 'x'};
  return kLetters[static_cast<std::size_t>(notice)];
}

/// "running up paused": phase, want, and every mark that is set.
[[nodiscard]] inline std::string describe(const StatusRecord& r) {
  std::string text = phase_name(r.phase);
  text += " " + std::string(want_word(r.want));
  if (r.exiting) text += " exiting";
  if (r.ready) text += " ready";
  if (r.paused) text += " paused";
  if (r.sent_term) text += " term";
  return text;
}

class Simulation {
 public:
  /// What the world answers. By default: run is there, other scripts are not, and fork never fails.
  struct World {
    std::function<bool(Role, Script)> has_script = [](Role, Script s) { return s == Script::Run; };
    std::function<bool(Role)> fork_fails = [](Role) { return false; };
    std::string custom;               ///< the letters with a control script
    bool finish_ends_at_once = true;  ///< finish and stop exit 0 as soon as they are started, untold
    bool tells_status = false, tells_notices = false;  ///< in the trace
  };

  explicit Simulation(const Family& family, bool with_log = false) : family_(family) {
    if (with_log && family.convention->supervises_log) group_.log.emplace();
  }

  World world;

  // --- what happens ---
  void begin(Want want = Want::Up) {
    if (group_.log) happens(Role::Log, event::Begin{Want::Up});
    happens(Role::Main, event::Begin{want});
  }

  /// Supervision begins with a run that an earlier supervisor left behind.
  void adopt(std::int32_t pid) {
    if (group_.log) happens(Role::Log, event::Begin{Want::Up});
    happens(Role::Main, event::Adopted{.pid = pid, .since = WallTime{1'699'999'000, 0}});
  }

  /// The family's own control bytes.
  void control(std::string_view bytes, Role role = Role::Main) {
    ControlMode mode = 0;
    for (char byte : bytes)
      if (auto command = family_.control->decode(static_cast<std::uint8_t>(byte), mode))
        queue(*command, role == Role::Log ? role : command->role);
    serve();
  }

  /// A command, in the family's own bytes where it has bytes for it.
  void tell(ControlCommand command, Role role = Role::Main) {
    if (family_.control != nullptr) {
      const ControlBytes bytes = family_.control->encode(command);
      if (!bytes.empty()) return control({bytes.begin(), bytes.size()}, role);
    }
    queue(command, role);
    serve();
  }
  void tell(Verb verb, Role role = Role::Main) { tell(ControlCommand{.verb = verb}, role); }
  void signal(int number, Role role = Role::Main) {
    tell(ControlCommand{.verb = Verb::Signal, .signal = static_cast<std::uint8_t>(number)}, role);
  }

  /// TERM to the supervisor.
  void shutdown() {
    for (Verb verb : shutdown_of(group_.main, family_.convention->main))
      queue(ControlCommand{.verb = verb}, Role::Main);
    serve();
  }

  void exits(Role role, ExitStatus status) {
    happens(role, event::Exited{group_.of(role).record.pid, status});
  }
  void main_exits(int code) { exits(Role::Main, ExitStatus::exited(code)); }
  void main_killed(int number) { exits(Role::Main, ExitStatus::signaled(number)); }
  void log_exits(int code) { exits(Role::Log, ExitStatus::exited(code)); }
  void custom_ends(ExitStatus status, Role role = Role::Main) {
    happens(role, event::Exited{group_.of(role).custom_pid, status});
  }
  void becomes_ready() { happens(Role::Main, event::BecameReady{}); }
  void empty_is_up() { happens(Role::Main, event::EmptyIsUp{}); }

  /// Time passes; every timer on the way fires at its moment.
  void advance(Duration by) {
    const Instant until = now_.steady + by;
    int at_once = 0;
    while (true) {
      const std::optional<Role> role = due(until);
      if (!role) break;
      const Instant deadline = group_.of(*role).next_deadline();
      at_once = deadline > now_.steady ? 0 : at_once + 1;
      if (at_once > 8) {
        complain("timers fire without end");
        break;
      }
      if (deadline > now_.steady) set_time(deadline);
      happens(*role, event::TimerFired{});
    }
    set_time(until);
  }

  /// Anything else. Nothing reaches what is no longer supervised.
  void happens(Role role, const Event& event) {
    happen(role, event);
    serve();
  }

  // --- what can be seen ---
  [[nodiscard]] std::optional<Duration> next_timer() const {
    Instant next = group_.main.retired ? Instant::never() : group_.main.next_deadline();
    if (group_.log && !group_.log->retired) next = std::min(next, group_.log->next_deadline());
    if (group_.retired || next == Instant::never()) return std::nullopt;
    return next - now_.steady;
  }
  [[nodiscard]] int spawned(Role role, Script script = Script::Run) const {
    return spawned_[static_cast<std::size_t>(role)][static_cast<std::size_t>(script)];
  }
  [[nodiscard]] const StatusRecord& record(Role role = Role::Main) const { return group_.of(role).record; }
  [[nodiscard]] const GroupMachine& group() const { return group_; }
  [[nodiscard]] const Family& family() const { return family_; }
  [[nodiscard]] const Now& now() const { return now_; }
  [[nodiscard]] bool retired() const { return group_.retired; }
  [[nodiscard]] bool awaits_custom(Role role = Role::Main) const { return group_.of(role).awaiting_custom(); }
  /// The content of the family's status record, as the views would write it now.
  [[nodiscard]] std::vector<std::uint8_t> status_bytes(Role role = Role::Main) const {
    std::vector<std::uint8_t> bytes(kMaxStatusFile);
    for (const StatusFile& file : family_.status->files)
      if (std::string_view(file.name) == family_.status->record)
        bytes.resize(file.encode(group_.snapshot(), role, bytes));
    return bytes;
  }
  /// What the owner was told to do since the last call, in order.
  [[nodiscard]] std::string take_trace() {
    std::string trace;
    for (const std::string& word : trace_) trace += (trace.empty() ? "" : " ") + word;
    trace_.clear();
    return trace;
  }
  /// What has just happened, for a complaint.
  [[nodiscard]] std::string story(std::string_view complaint) const {
    std::string text(complaint);
    text += " (" + describe(record());
    if (group_.log) text += ", log " + describe(record(Role::Log));
    text += ") after";
    const char* between = " ";
    for (const Role role : {Role::Main, Role::Log}) {
      for (const TraceEntry& entry : trace_of(role).read()) {
        text += between + std::string(role == Role::Log ? "log: " : "") + trace_words(entry);
        between = ", ";
      }
    }
    return text;
  }
  /// What has happened to it lately.
  [[nodiscard]] const Trace& trace_of(Role role = Role::Main) const { return remembered_[index(role)]; }
  /// The first invariant that was broken; empty if none.
  [[nodiscard]] const std::string& broken() const { return broken_; }

 private:
  static std::size_t index(Role role) { return static_cast<std::size_t>(role); }

  void queue(const ControlCommand& command, Role role) {
    queue_[static_cast<std::size_t>(role)].push_back(command);
  }

  /// Feeds the commands that wait, as long as no custom script holds them up.
  void serve() {
    for (Role role : {Role::Main, Role::Log}) {
      auto& waiting = queue_[static_cast<std::size_t>(role)];
      if (!group_.has(role)) waiting.clear();
      while (!waiting.empty() && !group_.of(role).awaiting_custom()) {
        const ControlCommand command = waiting.front();
        waiting.pop_front();
        happen(role, event::Command{command});
      }
    }
  }

  void happen(Role role, const Event& event) {
    if (group_.retired || group_.of(role).retired) return;
    const GroupMachine before = group_;
    if (const auto heard = traced(event, before.of(role), now_)) remembered_[index(role)].add(*heard);
    const GroupActions answer = step(group_, role, event, *family_.convention, now_);
    for (const Action& action : answer.of_role)
      if (const auto done = traced(action, group_.of(role), now_)) remembered_[index(role)].add(*done);
    if (const char* rule = broken_rule(before, role, event, answer, group_, *family_.convention, now_))
      complain(rule);
    GroupMachine again = before;
    const GroupActions same = step(again, role, event, *family_.convention, now_);
    if (!(again == group_) || !(same.of_role == answer.of_role) || !(same.of_log == answer.of_log))
      complain("a copy of the machine went another way");
    for (const Action& action : answer.of_role) execute(role, action);
    if (answer.close_log_input) trace_.push_back("close-pipe");
    for (const Action& action : answer.of_log) execute(Role::Log, action);
    if (answer.retire) trace_.push_back("retire");
  }

  void execute(Role role, const Action& action) {
    switch (action.kind) {
      case Action::Kind::Publish:
        if (world.tells_status) tell_trace(role, std::string("status:") + phase_name(record(role).phase));
        break;
      case Action::Kind::Spawn:
        answer_spawn(role, action.script);
        break;
      case Action::Kind::RunCustom:
        if (world.custom.find(action.letter) == std::string::npos) {
          happen(role, event::CustomAbsent{});
        } else {
          tell_trace(role, std::string("control/") + action.letter);
          happen(role, event::CustomSpawned{next_pid_++});
        }
        break;
      case Action::Kind::Kill: {
        std::string word = signal_word(action.signal);
        if (action.to_group) word = "group:" + word;
        if (action.pid == group_.of(role).custom_pid)
          word = "control:" + word;
        else if (record(role).phase != Phase::Running)
          word = std::string(phase_name(record(role).phase)) + ":" + word;
        tell_trace(role, word);
        break;
      }
      case Action::Kind::Announce:
        if (world.tells_notices) tell_trace(role, std::string("'") + notice_letter(action.notice));
        break;
      case Action::Kind::MakeDown:
        tell_trace(role, "make-down");
        break;
      case Action::Kind::RemoveDown:
        tell_trace(role, "remove-down");
        break;
      case Action::Kind::DropOutput:
        tell_trace(role, "drop-output");
        break;
      case Action::Kind::EndLeft:
        tell_trace(role, "left:" + signal_word(action.signal));
        break;
      case Action::Kind::Retire:
        complain("a Retire that the group did not take");
        break;
    }
  }

  void answer_spawn(Role role, Script script) {
    const Convention& own = role == Role::Log ? family_.convention->log : family_.convention->main;
    const Presence presence = own.script(script).presence;
    if (presence == Presence::Never) complain("a script that the family does not have");
    if (presence != Presence::Assumed && !world.has_script(role, script)) {
      happen(role, event::ScriptAbsent{script});
      return;
    }
    if (world.fork_fails(role)) {
      tell_trace(role, "no-" + std::string(script_word(script)));
      happen(role, event::SpawnFailed{script});
      return;
    }
    ++spawned_[static_cast<std::size_t>(role)][static_cast<std::size_t>(script)];
    const std::int32_t pid = next_pid_++;
    const bool untold = world.finish_ends_at_once && (script == Script::Finish || script == Script::Stop);
    if (!untold) tell_trace(role, std::string(script_word(script)));
    happen(role, event::Spawned{script, pid});
    if (untold) happen(role, event::Exited{pid, ExitStatus::exited(0)});
  }

  void tell_trace(Role role, const std::string& word) {
    trace_.push_back(role == Role::Log ? "log:" + word : word);
  }

  [[nodiscard]] std::optional<Role> due(Instant until) const {
    if (group_.retired) return std::nullopt;
    std::optional<Role> first;
    Instant soonest = until;
    for (Role role : {Role::Main, Role::Log}) {
      if (!group_.has(role) || group_.of(role).retired) continue;
      const Instant deadline = group_.of(role).next_deadline();
      if (deadline <= soonest && (!first || deadline < soonest)) {
        soonest = deadline;
        first = role;
      }
    }
    return first;
  }

  void set_time(Instant at) {
    const Duration by = at - now_.steady;
    now_.steady = at;
    const std::int64_t micros = now_.wall.nanos / 1000 + by.count();
    now_.wall.seconds += micros / 1000000;
    now_.wall.nanos = static_cast<std::uint32_t>(micros % 1000000 * 1000);
  }

  void complain(std::string_view rule) {
    if (broken_.empty()) broken_ = story(rule);
  }

  const Family& family_;
  GroupMachine group_;
  Now now_{Instant{5'000'000}, WallTime{1'700'000'000, 0}};
  std::array<std::deque<ControlCommand>, 2> queue_;
  std::array<std::array<int, kScripts>, 2> spawned_{};
  std::vector<std::string> trace_;
  std::array<Trace, 2> remembered_;  ///< of each role
  std::string broken_;
  std::int32_t next_pid_ = 100;
};

}  // namespace kindred::test
