#include "core/service/machine.h"

#include <csignal>
#include <utility>

namespace kindred {
namespace {

using Kind = Action::Kind;

bool contains(ScriptSet set, Script script) { return (set >> static_cast<unsigned>(script) & 1U) != 0; }

Phase phase_of(Script script) {
  switch (script) {
    case Script::Start:
      return Phase::Starting;
    case Script::Run:
      return Phase::Running;
    case Script::Finish:
      return Phase::Finishing;
    case Script::Stop:
      return Phase::Stopping;
  }
  return Phase::Running;
}

/// One step of the machine: the machine, the facts of this moment and the answer that grows.
class Stepper {
 public:
  Stepper(ServiceMachine& machine, const Convention& convention, const Now& now)
      : m_(machine), r_(machine.record), c_(convention), now_(now) {}

  void on(const event::Begin& e) {
    r_.want = e.want;
    r_.once = e.want == Want::Once;
    r_.pid_changed = r_.down_since = r_.ready_changed = now_.wall;
    r_.script_changed.fill(now_.wall);
    if (c_.start_from_rest) m_.stop_owed = false;
    publish();
    announce(Notice::Supervised);
    if (e.want != Want::Down) begin_start();
  }

  void on(const event::Adopted& e) {
    r_.want = e.want;
    r_.once = e.want == Want::Once;
    r_.phase = phase_of(e.script);
    r_.pid = e.pid;
    r_.paused = e.paused;
    r_.pid_changed = r_.run_started = r_.changed(e.script) = e.since;
    if (e.script == Script::Run) m_.run_pid = e.pid;
    m_.start_due = false;
    m_.stop_owed = e.script != Script::Stop;
    const Duration limit = c_.script(e.script).limit;
    if (limit.count() > 0) m_.phase_deadline = now_.steady + limit;
    publish();
    if (e.script == Script::Run) announce(Notice::Up);
  }

  void on(const event::Command& e) {
    m_.command = e.command;
    m_.command_pid = addresses(SIGKILL) ? r_.pid : 0;
    m_.remaining = c_.steps(e.command.verb);
    m_.in_command = true;
    // Of no family's life, and before anything else that the command does.
    if (e.command.keep_down_file) add(e.command.verb == Verb::Up ? Kind::RemoveDown : Kind::MakeDown);
  }

  void on(const event::Spawned& e) {
    r_.phase = phase_of(e.script);
    r_.pid = e.pid;
    r_.pid_changed = r_.changed(e.script) = now_.wall;
    r_.paused = r_.sent_term = r_.sent_down = r_.ready = false;
    m_.phase_deadline = Instant::never();
    const Duration limit = c_.script(e.script).limit;
    if (limit.count() > 0) m_.phase_deadline = now_.steady + limit;
    switch (e.script) {
      case Script::Start:
        if (c_.start_from_rest) m_.stop_owed = true;
        throttle_start();
        break;
      case Script::Run:
        r_.up_again = false;
        r_.run_started = now_.wall;
        m_.run_pid = e.pid;
        m_.started_at = now_.steady;
        m_.was_ready = false;
        m_.stop_owed = true;
        m_.outlived = false;
        m_.own_exit = {};
        throttle_start();
        break;
      case Script::Finish:
        break;
      case Script::Stop:
        m_.stop_owed = false;
        break;
    }
    publish();
    if (e.script == Script::Run) announce(Notice::Up);
  }

  void on(const event::SpawnFailed& e) {
    switch (e.script) {
      case Script::Start:
      case Script::Run:
        wait_until(now_.steady + c_.spawn_retry, e.script);
        break;
      // Losing a finish or stop is better than a service that never comes to rest.
      case Script::Finish:
        after_finish(ExitStatus::unknown());
        break;
      case Script::Stop:
        come_to_rest();
        break;
    }
  }

  void on(const event::ScriptAbsent& e) {
    switch (e.script) {
      case Script::Start:
        m_.start_due = false;
        spawn(Script::Run);
        break;
      case Script::Run:
        r_.phase = Phase::Started;
        m_.phase_deadline = Instant::never();
        publish();
        leave_if_down();
        break;
      case Script::Finish:
        after_finish(c_.run_judges_without_finish ? r_.exit_of(Script::Run) : ExitStatus::exited(0));
        break;
      case Script::Stop:
        m_.stop_owed = false;
        come_to_rest();
        break;
    }
  }

  void on(const event::Exited& e) {
    if (e.pid == m_.custom_pid) {
      custom_ended(e.status.success());
      return;
    }
    if (e.pid != r_.pid) return;
    const Script script = script_of(r_.phase);
    // What was made to end says nothing of how its run ended.
    const ExitStatus own = std::exchange(m_.own_exit, {});
    const ExitStatus status = own.kind == ExitStatus::Kind::None ? e.status : own;
    m_.outlived = false;
    r_.exit_of(script) = status;
    r_.pid = 0;
    r_.pid_changed = r_.changed(script) = now_.wall;
    asked_ = r_.sent_term || r_.sent_down;
    r_.paused = r_.sent_term = false;
    m_.phase_deadline = Instant::never();
    m_.start_due = false;
    if (script == Script::Run) {
      r_.run_ended = now_.wall;
      r_.ready = false;
      m_.end_untold = true;
    }
    if (status.kind == ExitStatus::Kind::Exited && status.value == c_.failing_code) {
      fail();
      return;
    }
    switch (script) {
      case Script::Start:
        after_start(status);
        break;
      case Script::Run:
        after_run();
        break;
      case Script::Finish:
        after_finish(status);
        break;
      case Script::Stop:
        after_stop();
        break;
    }
  }

  void on(const event::CustomSpawned& e) {
    m_.custom_pid = e.pid;
    if (c_.custom_limit.count() > 0) m_.custom_deadline = now_.steady + c_.custom_limit;
  }

  void on(const event::CustomAbsent&) { custom_ended(false); }

  void on(const event::BecameReady&) {
    if (r_.phase != Phase::Running || r_.ready) return;
    r_.ready = true;
    r_.ready_changed = now_.wall;
    m_.ready_at = now_.steady;
    m_.was_ready = true;
    publish();
    announce(Notice::Ready);
  }

  void on(const event::Stopped& e) {
    if (e.pid != r_.pid || !c_.notices_stops || r_.paused == e.stopped) return;
    r_.paused = e.stopped;
    publish();
  }

  void on(const event::Outlived& e) {
    if (r_.phase != Phase::Running || r_.pid == 0) return;
    const bool told = r_.want != Want::Up || leaving() || r_.sent_term || r_.sent_down;
    const bool goes_on =
        e.follow && !told && e.status.success() && m_.own_exit.kind == ExitStatus::Kind::None;
    m_.outlived = true;
    r_.pid = e.pid;
    r_.pid_changed = now_.wall;
    r_.paused = false;
    if (!goes_on) {
      if (m_.own_exit.kind == ExitStatus::Kind::None) m_.own_exit = e.status;
      end_left(c_.down_signal);
      end_left(SIGCONT);
      m_.phase_deadline = now_.steady + e.limit;
    }
    publish();
  }

  void on(const event::EmptyIsUp&) { m_.empty_is_up = true; }

  /// As exit, but with a rule of its own for the signals: end of file may be all that the log is told.
  void on(const event::MainLeft& e) {
    r_.exiting = true;
    if (e.terminate && reaches(SIGTERM)) {
      kill(r_.pid, SIGTERM, false);
      r_.sent_term = r_.sent_down = true;
    }
    if (e.terminate && reaches(SIGCONT)) {
      kill(r_.pid, SIGCONT, false);
      r_.paused = false;
    }
    cancel_wait();
    publish();
    leave_if_down();
  }

  void on(const event::TimerFired&) {
    if (m_.custom_deadline <= now_.steady) {
      m_.custom_deadline = now_.steady + c_.kill_again;
      kill(m_.custom_pid, SIGKILL, false);
    }
    if (m_.phase_deadline > now_.steady) return;
    if (r_.phase == Phase::Waiting) {
      start_now(m_.due);
    } else if (r_.pid != 0) {
      // Past its time: a stopped process would not notice that it has been killed.
      m_.phase_deadline = now_.steady + c_.kill_again;
      if (m_.outlived && r_.phase == Phase::Running) {
        end_left(SIGKILL);
        return;
      }
      kill(r_.pid, SIGCONT, false);
      kill(r_.pid, SIGKILL, false);
    } else {
      m_.phase_deadline = Instant::never();
    }
  }

  /// What the event left undone: the rest of a command, a start that a custom script held back.
  Actions finish() {
    if (m_.in_command && !held_up()) go_on();
    if (m_.start_held && !m_.in_command && !held_up()) {
      m_.start_held = false;
      start_now(m_.due);
    }
    return actions_;
  }

 private:
  // --- the answer ---
  Action& add(Kind kind) {
    actions_.push_back(Action{});
    Action& action = actions_[actions_.size() - 1];
    action.kind = kind;
    return action;
  }
  /// Waiters hear of an end when the record shows it, not before.
  void publish() {
    add(Kind::Publish);
    if (!m_.end_untold) return;
    m_.end_untold = false;
    announce(Notice::Ended);
  }
  void announce(Notice notice) { add(Kind::Announce).notice = notice; }
  void kill(std::int32_t pid, int signal, bool to_group) {
    Action& action = add(Kind::Kill);
    action.pid = pid;
    action.signal = static_cast<std::uint8_t>(signal);
    action.to_group = to_group;
  }
  void end_left(int signal) {
    Action& action = add(Kind::EndLeft);
    action.pid = r_.pid;
    action.signal = static_cast<std::uint8_t>(signal);
  }
  void spawn(Script script) { add(Kind::Spawn).script = script; }

  // --- starting ---
  void throttle_start() {
    if (c_.throttle.from == ThrottleFrom::LastStart) m_.not_before = now_.steady + c_.throttle.interval;
  }

  void begin_start() {
    const Script first = c_.has(Script::Start) && m_.start_due ? Script::Start : Script::Run;
    if (c_.start_from_rest && m_.start_due) {
      r_.last_exit.fill({});
      r_.script_changed.fill(now_.wall);
    }
    if (now_.steady < m_.not_before)
      wait_until(m_.not_before, first);
    else
      start_now(first);
  }

  void wait_until(Instant at, Script script) {
    const bool news = r_.phase != Phase::Waiting;
    r_.phase = Phase::Waiting;
    m_.due = script;
    m_.phase_deadline = at;
    if (news) publish();
  }

  void start_now(Script script) {
    m_.due = script;
    m_.phase_deadline = Instant::never();
    if (!c_.custom_control) {
      spawn(script);
      return;
    }
    r_.phase = Phase::Waiting;
    if (m_.awaiting_custom()) {
      m_.start_held = true;
    } else {
      m_.pre_start_asked = true;
      ask('u');
    }
  }

  // --- ends ---
  void after_start(ExitStatus status) {
    if (c_.start_failure_fails && status.kind == ExitStatus::Kind::Unknown && r_.want != Want::Down &&
        !leaving()) {
      // An earlier supervisor's: whether it has done its work is not known, so it does it again.
      m_.start_due = true;
      begin_start();
    } else if (c_.start_failure_fails && !status.success() && !r_.sent_down) {
      fail();
    } else if (r_.want == Want::Down) {
      rest_or_stop();
    } else if (leaving()) {
      // Nothing has run that a stop script could put right.
      come_to_rest();
    } else {
      spawn(Script::Run);
    }
  }

  /// A run that was told to end is none of those that are counted.
  void count_end() {
    if (!c_.back_off || asked_ || r_.want != Want::Up) {
      m_.ends = 0;
      return;
    }
    const bool good = now_.steady - m_.started_at >= c_.back_off->good_run;
    m_.ends = good ? 1 : m_.ends + (m_.ends < UINT32_MAX ? 1 : 0);
  }

  void back_off() {
    if (!c_.back_off || m_.ends == 0 || r_.want != Want::Up) return;
    if (c_.back_off->failures != 0 && m_.ends >= c_.back_off->failures) {
      r_.want = Want::Down;
      r_.gave_up = m_.giving_up = true;
    } else {
      m_.not_before = std::max(m_.not_before, now_.steady + back_off_after(*c_.back_off, m_.ends));
    }
  }

  /// Who says `up` waits for the family's own pause alone.
  void forget_ends() {
    if (std::exchange(m_.ends, 0) != 0)
      m_.not_before = std::min(m_.not_before, now_.steady + c_.throttle.interval);
  }

  void after_run() {
    count_end();
    if (m_.empty_is_up && r_.want != Want::Down && !leaving()) {
      r_.phase = Phase::Started;
      publish();
      return;
    }
    if (r_.want == Want::Once && c_.once_becomes_down) r_.want = Want::Down;
    if (c_.has(Script::Finish)) {
      r_.phase = Phase::Finishing;
      spawn(Script::Finish);
    } else {
      after_finish(ExitStatus::exited(0));
    }
  }

  void after_finish(ExitStatus status) {
    const bool exited = status.kind == ExitStatus::Kind::Exited;
    if (exited && c_.finish_down_code >= 0 && status.value == c_.finish_down_code) {
      r_.want = Want::Down;
      r_.gave_up = true;
      m_.giving_up = true;
    }
    if (r_.want == Want::Once && c_.once_becomes_down) r_.want = Want::Down;
    switch (c_.throttle.from) {
      case ThrottleFrom::LastStart:
        break;
      case ThrottleFrom::QuickDeath:
        if (now_.steady - m_.started_at < c_.throttle.interval)
          m_.not_before = now_.steady + c_.throttle.interval;
        break;
      case ThrottleFrom::ReadyOrDown:
        m_.not_before = (m_.was_ready ? m_.ready_at : now_.steady) + c_.throttle.interval;
        break;
    }
    back_off();
    if (c_.finish_failure_stops && !status.success() && r_.want == Want::Up) {
      r_.want = Want::Down;
      r_.up_again = false;
      r_.gave_up = true;
    }
    if (leaving() || r_.want != Want::Up) {
      rest_or_stop();
      return;
    }
    settle(Phase::Waiting);
    begin_start();
  }

  /// A down command may have come meanwhile, or an `up`: only a stop script takes that long.
  void after_stop() {
    if (r_.want == Want::Up && !leaving())
      come_to_rest();
    else
      rest_or_stop();
  }

  void rest_or_stop() {
    if (c_.has(Script::Stop) && m_.stop_owed) {
      if (r_.phase != Phase::Stopping) r_.before = r_.phase;
      r_.phase = Phase::Stopping;
      spawn(Script::Stop);
    } else {
      come_to_rest();
    }
  }

  void settle(Phase phase) {
    if (r_.phase != Phase::Stopping) r_.before = r_.phase;
    r_.phase = phase;
    // What is left behind wanted up was told to stop, and stays so told.
    if (!leaving() || r_.want != Want::Up) r_.sent_down = false;
    r_.down_since = r_.ready_changed = now_.wall;
    m_.phase_deadline = Instant::never();
    publish();
    if (m_.giving_up) announce(Notice::WillNotRestart);
    m_.giving_up = false;
    announce(Notice::Settled);
  }

  void come_to_rest() {
    if (c_.start_from_rest) m_.start_due = true;
    settle(Phase::Stopped);
    if (r_.want == Want::Up && !leaving()) {
      // By a command that came while it stopped.
      if (c_.throttle.command_overrides) m_.not_before = now_.steady;
      begin_start();
    } else {
      leave_if_down();
    }
  }

  void fail() {
    if (r_.want == Want::Up) r_.want = Want::Down;
    settle(Phase::Failed);
    leave_if_down();
  }

  /// Exiting, where that overrides every want.
  [[nodiscard]] bool leaving() const { return r_.exiting && !c_.exit_at_rest; }

  /// A command whose custom script still runs is brought to its end first.
  void leave_if_down() {
    if (!r_.exiting || r_.pid != 0 || m_.retired || m_.in_command) return;
    if (c_.exit_at_rest && r_.phase != Phase::Stopped) return;
    if (r_.phase == Phase::Waiting) {
      r_.phase = Phase::Stopped;
      m_.phase_deadline = Instant::never();
      publish();
    }
    retire();
  }

  void retire() {
    m_.retired = true;
    announce(Notice::Retired);
    add(Kind::Retire);
  }

  // --- custom control scripts ---
  void ask(char letter, bool decides = false) {
    m_.custom_pid = -1;
    m_.custom_decides = decides;
    add(Kind::RunCustom).letter = letter;
  }

  void custom_ended(bool took_over) {
    const bool decides = std::exchange(m_.custom_decides, false);
    m_.custom_pid = 0;
    m_.custom_deadline = Instant::never();
    if (m_.pre_start_asked) {
      m_.pre_start_asked = false;
      spawn(m_.due);
    } else if (took_over && decides && !m_.remaining.empty()) {
      m_.remaining.pop_front();
    }
  }

  [[nodiscard]] bool held_up() const {
    return m_.awaiting_custom() || m_.retired ||
           (!actions_.empty() && actions_[actions_.size() - 1].kind == Kind::Spawn);
  }

  // --- commands ---
  [[nodiscard]] bool reaches(int signal) const {
    if (r_.pid == 0) return false;
    const Script script = script_of(r_.phase);
    if (contains(c_.signalled, script)) return true;
    return (signal == SIGKILL || signal == SIGCONT) && contains(c_.killable, script);
  }

  /// For the command under way.
  [[nodiscard]] bool addresses(int signal) const { return m_.command.to_any_script || reaches(signal); }
  /// It addresses the process that it began with, and no other.
  [[nodiscard]] bool may_signal(int signal) const {
    return r_.pid != 0 && r_.pid == m_.command_pid && addresses(signal);
  }

  bool send(int signal) {
    if (!may_signal(signal)) return false;
    kill(r_.pid, signal, m_.command.to_group);
    return true;
  }

  /// Executes what is left of the command. Stops at a custom script or a spawn, whose answer brings it back
  /// here.
  void go_on() {
    while (!m_.remaining.empty()) {
      const Do what = m_.remaining[0];
      m_.remaining.pop_front();
      execute(what);
      if (held_up()) return;
    }
    m_.in_command = false;
    leave_if_down();
  }

  void execute(Do what) {
    switch (what) {
      case Do::WantUp:
        if (r_.want == Want::Down) m_.start_due = true;
        r_.want = Want::Up;
        r_.once = r_.at_most = r_.gave_up = false;
        r_.up_again = r_.phase != Phase::Running;
        // What has ended while it is said counts no more.
        if (r_.up_again) forget_ends();
        break;
      case Do::WantDown:
        r_.want = Want::Down;
        r_.at_most = r_.gave_up = r_.up_again = false;
        cancel_wait();
        break;
      case Do::WantOnce:
        r_.want = Want::Once;
        r_.once = true;
        r_.at_most = m_.command.verb == Verb::OnceAtMost;
        r_.gave_up = r_.up_again = false;
        cancel_wait();
        break;
      case Do::Exit:
        r_.exiting = true;
        break;
      case Do::CancelExit:
        r_.exiting = false;
        break;
      case Do::Publish:
        publish();
        break;
      case Do::MarkPaused:
        r_.paused = may_signal(SIGSTOP);
        break;
      case Do::ClearPaused:
        r_.paused = false;
        break;
      case Do::AskCustom:
        if (c_.custom_control && m_.command.custom != 0 && may_signal(0)) ask(m_.command.custom, true);
        break;
      case Do::AskTerminate:
        if (c_.custom_control && may_signal(0)) ask('t', true);
        break;
      case Do::TellDownOrExit:
        // Even if the process has died while the script before this one ran.
        if (c_.custom_control && m_.command_pid != 0) {
          if (r_.exiting)
            ask('x');
          else if (r_.want == Want::Down)
            ask('d');
        }
        break;
      case Do::Terminate:
        if (send(c_.down_signal)) {
          if (c_.down_signal == SIGTERM) r_.sent_term = true;
          if (r_.want != Want::Up || leaving()) r_.sent_down = true;
        }
        break;
      case Do::Resume:
        send(SIGCONT);
        break;
      case Do::ResumeIfDown:
        if (r_.want == Want::Down || r_.exiting) send(SIGCONT);
        break;
      case Do::Suspend:
        send(SIGSTOP);
        break;
      case Do::Signal:
        if (const int signal = m_.command.signal != 0 ? m_.command.signal : c_.reload_signal;
            send(signal) && signal == SIGTERM)
          r_.sent_term = true;
        break;
      case Do::ArmKill:
        if (may_signal(SIGKILL))
          m_.phase_deadline = c_.kill_after.count() > 0 ? now_.steady + c_.kill_after : Instant::never();
        break;
      case Do::OweStop:
        if (r_.pid != 0) m_.stop_owed = true;
        break;
      case Do::DropOutput:
        add(Kind::DropOutput);
        break;
      case Do::StartIfDown:
        if (r_.pid != 0 || m_.awaiting_custom() || leaving()) break;
        if (m_.empty_is_up && r_.phase == Phase::Started) break;
        forget_ends();
        if (c_.throttle.command_overrides) m_.not_before = now_.steady;
        begin_start();
        break;
      case Do::RestIfDown:
        if (r_.pid != 0) break;
        if (m_.empty_is_up && r_.phase == Phase::Started) {
          if (r_.want == Want::Down) after_run();
          break;
        }
        if (r_.phase == Phase::Started || r_.phase == Phase::Failed || (c_.has(Script::Stop) && m_.stop_owed))
          rest_or_stop();
        break;
      case Do::Leave:
        retire();
        break;
    }
  }

  void cancel_wait() {
    if (r_.phase != Phase::Waiting) return;
    r_.phase = Phase::Stopped;
    m_.phase_deadline = Instant::never();
    m_.start_held = false;
  }

  ServiceMachine& m_;
  StatusRecord& r_;
  const Convention& c_;
  const Now& now_;
  bool asked_ = false;  ///< the process that has ended was told to
  Actions actions_;
};

}  // namespace

Actions step(ServiceMachine& machine, const Event& event, const Convention& convention,
             const Now& now) noexcept {
  if (machine.retired) return {};
  Stepper stepper(machine, convention, now);
  std::visit([&](const auto& e) { stepper.on(e); }, event);
  return stepper.finish();
}

}  // namespace kindred
