#pragma once
// A convention that no family has, drawn from the space of the fields: what holds for the machine holds for any
// family that somebody may yet add, and for what a service directory's settings make of those that are here.
//
// Each field is drawn for itself. What a verb does is drawn from what some family's verb does, and of two kinds:
// a service that can rest without being down (started or failed) must be told to leave that rest, so its verbs
// are of a family that knows such a state.

#include <array>
#include <iterator>

#include "tests/core/families.h"

namespace kindred::test {

template <class Source>
class ConventionDraw {
 public:
  explicit ConventionDraw(Source& draw) : draw_(draw) {}

  [[nodiscard]] GroupConvention group() {
    GroupConvention g;
    g.main = process(main_scripts(), false);
    g.supervises_log = flip();
    g.log = process(log_scripts(), true);
    g.coupling = {.close_input = flip(), .terminate = flip()};
    return g;
  }

 private:
  using Scripts = std::array<ScriptRule, kScripts>;

  bool flip() { return draw_(2) == 0; }
  Duration one_of(std::initializer_list<int> seconds) {
    return std::chrono::seconds(seconds.begin()[draw_(static_cast<unsigned>(seconds.size()))]);
  }

  ScriptRule rule(bool must_be) {
    static constexpr Presence kAny[] = {Presence::Assumed, Presence::Exists, Presence::Readable,
                                        Presence::OwnerExecutable, Presence::OwnerBit};
    ScriptRule r;
    if (must_be || flip()) r.presence = kAny[draw_(std::size(kAny))];
    r.file = "script";
    r.limit = one_of({0, 0, 3});
    return r;
  }

  Scripts main_scripts() {
    Scripts scripts{};
    for (Script s : {Script::Start, Script::Run, Script::Finish, Script::Stop})
      scripts[static_cast<std::size_t>(s)] = rule(s == Script::Run);
    scripts[static_cast<std::size_t>(Script::Run)].limit = Duration{0};
    return scripts;
  }

  Scripts log_scripts() {
    Scripts scripts{};
    scripts[static_cast<std::size_t>(Script::Run)] = rule(true);
    scripts[static_cast<std::size_t>(Script::Run)].limit = Duration{0};
    if (flip()) scripts[static_cast<std::size_t>(Script::Finish)] = rule(true);
    return scripts;
  }

  Convention process(const Scripts& scripts, bool log) {
    Convention c;
    c.scripts = scripts;
    c.exit_at_rest = !log && flip();
    // What scripts in `control` say is asked for the service, never for its log.
    c.custom_control = !log && flip();
    c.commands = commands(c.exit_at_rest, log);
    static constexpr ThrottleFrom kFrom[] = {ThrottleFrom::LastStart, ThrottleFrom::QuickDeath,
                                             ThrottleFrom::ReadyOrDown};
    c.throttle = {.from = kFrom[draw_(3)], .interval = one_of({1, 2, 11}), .command_overrides = flip()};
    // A fork that failed is tried again no sooner than a run that ended.
    c.spawn_retry = c.throttle.interval + one_of({0, 4, 9});
    c.run_must_exec = flip();
    c.signalled = static_cast<ScriptSet>(draw_(16) | set_of({Script::Run}));
    c.killable = static_cast<ScriptSet>(draw_(16));
    c.down_signal = flip() ? 15 : 2;
    c.kill_after = one_of({0, 0, 7});
    c.kill_again = one_of({1, 5});
    c.custom_limit = one_of({0, 60});
    c.start_from_rest = flip();
    c.start_failure_fails = flip();
    c.failing_code = flip() ? -1 : 100;
    c.finish_down_code = flip() ? -1 : 125;
    c.finish_failure_stops = flip();
    c.run_judges_without_finish = flip();
    c.once_becomes_down = flip();
    c.notices_stops = flip();
    c.exit_comes_last = flip();
    if (flip())
      c.back_off = BackOff{.first = one_of({0, 2}),
                           .percent = 50 + draw_(200),
                           .most = one_of({0, 1, 20}),
                           .good_run = one_of({0, 3}),
                           .failures = draw_(4)};
    return c;
  }

  CommandTable commands(bool exit_at_rest, bool log) {
    // Those whose services can be at rest without being down.
    static const GroupConvention* const kResting[] = {&encore::kConvention, &nosh::kConvention,
                                                      &kAskedConvention};
    CommandTable table;
    for (std::size_t verb = 0; verb < kVerbs; ++verb)
      table[verb] = kResting[draw_(std::size(kResting))]->main.commands[verb];
    // Leaving is one idea with the rule when to leave.
    const GroupConvention& leaving = exit_at_rest ? nosh::kConvention
                                     : flip()     ? encore::kConvention
                                                  : kAskedConvention;
    table[static_cast<std::size_t>(Verb::Exit)] = leaving.main.commands[static_cast<std::size_t>(Verb::Exit)];
    return log ? log_commands(table) : table;
  }

  /// A log leaves after its main, and nothing that it is told changes that.
  static CommandTable log_commands(CommandTable table) {
    table[static_cast<std::size_t>(Verb::Exit)] = table[static_cast<std::size_t>(Verb::Quit)] = {};
    for (Steps& steps : table) {
      Steps kept;
      for (Do what : steps)
        if (what != Do::CancelExit) kept.push_back(what);
      steps = kept;
    }
    return table;
  }

  Source& draw_;
};

}  // namespace kindred::test
