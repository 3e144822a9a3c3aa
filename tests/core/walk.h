#pragma once
// A walk: anything that can happen to a service, in any order, drawn from a source of numbers. The tests draw
// from seeded generators, the fuzzer from its input.

#include <cstdint>
#include <optional>
#include <string>

#include "tests/core/simulation.h"

namespace kindred::test {

/// A small generator of our own, so that a seed means the same walk everywhere.
class SeededDraw {
 public:
  explicit SeededDraw(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15U + 1) {}
  unsigned operator()(unsigned below) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<unsigned>(state_ >> 11) % below;
  }

 private:
  std::uint64_t state_;
};

/// Source: `unsigned operator()(unsigned below)`, a number below its argument.
template <class Source>
class Walk {
 public:
  Walk(const Family& family, Source& draw) : family_(family), draw_(draw) { begin_again(); }

  /// One event, and whatever follows from it.
  void step() {
    if (sim_->retired()) begin_again();
    const Role role = some_role();
    const ServiceMachine& machine = sim_->group().of(role);
    switch (draw_(13)) {
      case 0:
      case 1:
      case 2:
        sim_->tell(some_command(), role);
        break;
      case 3:
      case 4:
        if (machine.record.pid != 0) sim_->exits(role, some_end());
        break;
      case 5:
        if (machine.custom_pid > 0) sim_->custom_ends(some_end(), role);
        break;
      case 6:
        sim_->happens(role, event::BecameReady{});
        break;
      case 7:
        sim_->happens(role, event::TimerFired{});
        break;
      case 8:
        sim_->happens(role, event::Exited{static_cast<std::int32_t>(1 + draw_(90)), some_end()});
        break;
      case 9:
        sim_->advance(Duration{draw_(1'500'000)});
        break;
      case 10:
        if (const auto next = sim_->next_timer(); next && next->count() > 0) sim_->advance(*next);
        break;
      case 11:
        change_world();
        break;
      case 12:
        // Nobody knows what a log has forked away.
        sim_->happens(Role::Main, event::Outlived{static_cast<std::int32_t>(100'000 + draw_(90)),
                                                  ExitStatus::exited(static_cast<int>(draw_(3))),
                                                  draw_(2) == 0, Duration{draw_(3'000'000)}});
        break;
    }
  }

  /// A byte of a control stream; where the family has no codec here, a command that is drawn.
  void control(char byte) {
    if (sim_->retired()) begin_again();
    const Role role = some_role();
    if (family_.control != nullptr)
      sim_->control({&byte, 1}, role);
    else
      sim_->tell(some_command(), role);
  }

  /// The first rule that was broken on the way; empty if none.
  [[nodiscard]] const std::string& broken() const { return sim_->broken(); }

  /// From wherever the walk has led: a service that is told to come up comes up, in a world that does what it
  /// is asked to. Empty if so.
  [[nodiscard]] std::string comes_up() {
    if (sim_->retired() || sim_->record().exiting) begin_again();
    friendly_world();
    sim_->tell(Verb::Up);
    for (int round = 0; round < 300; ++round) {
      const StatusRecord& r = sim_->record();
      if (sim_->retired()) return broken();  // an earlier exit was in the queue
      if (r.phase == Phase::Running && r.want == Want::Up && !sim_->awaits_custom()) return broken();
      // What a stopped or leaving process owes to an earlier command is between the two of them.
      if (r.pid != 0 && r.phase != Phase::Running) sim_->main_exits(0);
      if (sim_->awaits_custom()) sim_->custom_ends(ExitStatus::exited(1));
      sim_->advance(std::chrono::seconds(12));
    }
    return sim_->story("wanted up, but down");
  }

  /// Likewise: what is told to exit is gone when its processes are.
  [[nodiscard]] std::string leaves() {
    friendly_world();
    sim_->tell(Verb::Exit);
    if (family_.convention->main.exit_at_rest && !sim_->retired()) sim_->tell(Verb::Down);
    for (int round = 0; round < 300 && !sim_->retired(); ++round) {
      if (sim_->awaits_custom()) sim_->custom_ends(ExitStatus::exited(0));
      if (sim_->retired()) break;
      if (sim_->record().pid != 0) sim_->main_exits(0);
      if (!sim_->retired() && sim_->group().log && sim_->record(Role::Log).pid != 0) sim_->log_exits(0);
    }
    return sim_->retired() ? broken() : sim_->story("told to exit, but there");
  }

  [[nodiscard]] const Simulation& simulation() const { return *sim_; }

 private:
  void begin_again() {
    const std::string so_far = sim_ ? sim_->broken() : std::string();
    if (!so_far.empty()) return;
    sim_.emplace(family_, draw_(2) == 0);
    change_world();
    if (draw_(8) == 0)
      sim_->adopt(50);
    else
      sim_->begin(static_cast<Want>(draw_(kWants)));
  }

  Role some_role() { return sim_->group().log && draw_(4) == 0 ? Role::Log : Role::Main; }

  ControlCommand some_command() {
    static constexpr std::uint8_t kSignals[] = {1, 2, 3, 9, 10, 12, 14, 15, 18, 19, 28, 64};
    ControlCommand command;
    command.verb = static_cast<Verb>(draw_(kVerbs));
    // Leaving ends a walk early, so it is rare.
    if ((command.verb == Verb::Exit || command.verb == Verb::Quit) && draw_(4) != 0)
      command.verb = Verb::Down;
    if (command.verb == Verb::Signal) command.signal = kSignals[draw_(sizeof kSignals)];
    command.to_group = draw_(8) == 0;
    command.keep_down_file = draw_(8) == 0;
    command.custom = static_cast<char>("tdxuphc\0"[draw_(8)]);
    return command;
  }

  ExitStatus some_end() {
    static constexpr std::uint8_t kCodes[] = {0, 0, 0, 1, 100, 111, 125, 255};
    switch (draw_(4)) {
      case 0:
        return ExitStatus::signaled(static_cast<int>(1 + draw_(64)), draw_(2) == 0);
      case 1:
        return draw_(8) == 0 ? ExitStatus::unknown() : ExitStatus::exited(0);
      default:
        return ExitStatus::exited(kCodes[draw_(sizeof kCodes)]);
    }
  }

  void change_world() {
    const unsigned scripts = draw_(16);
    const bool run_is_there = draw_(8) != 0;
    sim_->world.has_script = [=](Role, Script s) {
      return s == Script::Run ? run_is_there : (scripts >> static_cast<unsigned>(s) & 1U) != 0;
    };
    const bool fork_fails = draw_(6) == 0;
    sim_->world.fork_fails = [=](Role) { return fork_fails; };
    static constexpr const char* kCustom[] = {"", "t", "tdxu", "phc", "u"};
    sim_->world.custom = kCustom[draw_(5)];
    sim_->world.finish_ends_at_once = draw_(3) == 0;
  }

  void friendly_world() {
    sim_->world.has_script = [](Role, Script) { return true; };
    sim_->world.fork_fails = [](Role) { return false; };
  }

  const Family& family_;
  Source& draw_;
  std::optional<Simulation> sim_;
};

}  // namespace kindred::test
