#include "compat-nosh/convention.h"

// Each line with its source in interfaces/nosh.md.

namespace kindred::nosh {
namespace {

constexpr CommandTable kCommands = command_table({
    // 5 and 4.3: the pending command is written at once, then what follows from it.
    {Verb::Up, {Do::WantUp, Do::Publish, Do::StartIfDown}},
    {Verb::Once, {Do::WantOnce, Do::Publish, Do::StartIfDown}},
    {Verb::OnceAtMost, {Do::WantOnce, Do::Publish, Do::RestIfDown}},
    // TERM and CONT, in that order, to whichever script runs. RestIfDown: a service that is up without a
    // process (6, run-on-empty) goes down by way of restart and stop, one that waits for its restart by way
    // of
    // stop.
    {Verb::Down,
     {Do::WantDown, Do::Publish, Do::ClearPaused, Do::Terminate, Do::Resume, Do::Publish, Do::RestIfDown}},
    {Verb::NoRestart, {Do::WantDown, Do::Publish, Do::RestIfDown}},
    {Verb::Pause, {Do::MarkPaused, Do::Suspend, Do::Publish}},
    {Verb::Continue, {Do::ClearPaused, Do::Resume, Do::Publish}},
    // x sends no signal, leaves the want alone and makes no decision.
    {Verb::Exit, {Do::Exit, Do::Publish}},
    {Verb::Signal, {Do::Signal}},
    {Verb::Terminate, {Do::Terminate}},
    // What the relatives add, for their clients on this convention.
    {Verb::Quit, {Do::Leave}},
});

constexpr Convention main_process() {
  Convention c{};
  auto on = [&](Script script, ScriptRule rule) { c.scripts[static_cast<std::size_t>(script)] = rule; };
  // 3 and 6: restart is our finish. A run that is not there fails as one that cannot be executed does; the
  // others are done without (20: the original sleeps, and is then stuck).
  on(Script::Start, {.presence = Presence::Exists, .file = "start"});
  on(Script::Run, {.presence = Presence::Assumed, .file = "run"});
  on(Script::Finish,
     {.presence = Presence::Exists,
      .file = "restart",
      .words = {Word::EndKind, Word::SignalShortName, Word::CodeOrSignalNumber, Word::CoreDumped}});
  on(Script::Stop, {.presence = Presence::Exists, .file = "stop"});
  c.commands = kCommands;
  // 20: the original has no throttle; a command starts at once here too.
  c.throttle = {
      .from = ThrottleFrom::LastStart, .interval = std::chrono::seconds(1), .command_overrides = true};
  // 5: signals apply to whatever script runs.
  c.signalled = set_of({Script::Start, Script::Run, Script::Finish, Script::Stop});
  // 6: the table of decisions.
  c.start_from_rest = true;
  c.finish_failure_stops = true;
  c.run_judges_without_finish = true;
  c.exit_at_rest = true;
  // 5: the paused byte is set only by noticing.
  c.notices_stops = true;
  return c;
}

}  // namespace

constinit const GroupConvention kConvention{
    .main = main_process(),
    // 3: a bundle's own files.
    .service_directory = "service",
    // 7.2, PLUMB: standard output and standard error.
    .log_hears_errors = true,
};

}  // namespace kindred::nosh
