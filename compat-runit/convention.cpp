#include "compat-runit/convention.h"

// Each line with its source in interfaces/runit.md.

namespace kindred::runit {
namespace {

constexpr CommandTable kCommands = command_table({
    {Verb::Up, {Do::CancelExit, Do::WantUp, Do::Publish, Do::StartIfDown}},
    // Section 4, "stop sequence": C('t') may take TERM's place; CONT and C('d') or C('x') follow in any case.
    {Verb::Down,
     {Do::CancelExit, Do::WantDown, Do::Publish, Do::AskTerminate, Do::Terminate, Do::Publish,
      Do::ResumeIfDown, Do::TellDownOrExit}},
    // `o` is want down, and one start.
    {Verb::Once, {Do::CancelExit, Do::WantDown, Do::Publish, Do::StartIfDown}},
    // 3.2: exit is a want: it shows as down.
    {Verb::Exit,
     {Do::Exit, Do::WantDown, Do::Publish, Do::AskTerminate, Do::Terminate, Do::Publish, Do::ResumeIfDown,
      Do::TellDownOrExit}},
    {Verb::Terminate, {Do::AskTerminate, Do::Terminate, Do::Publish, Do::ResumeIfDown, Do::TellDownOrExit}},
    {Verb::Pause, {Do::AskCustom, Do::Suspend, Do::MarkPaused, Do::Publish}},
    {Verb::Continue, {Do::AskCustom, Do::Resume, Do::ClearPaused, Do::Publish}},
    {Verb::Signal, {Do::AskCustom, Do::Signal}},
    // What the relatives add, for their clients on this convention.
    {Verb::OnceAtMost, {Do::CancelExit, Do::WantDown, Do::Publish}},
    {Verb::NoRestart, {Do::CancelExit, Do::WantDown, Do::Publish}},
    {Verb::Quit, {Do::Leave}},
});

// Section 6: `x` is ignored on the log's FIFO. 5.6: once its main has left the log is not restarted, so its
// exit cannot be taken back.
consteval CommandTable log_commands() {
  CommandTable table = command_table({{Verb::Exit, {}}, {Verb::Quit, {}}}, kCommands);
  for (Steps& steps : table) {
    Steps kept;
    for (Do what : steps)
      if (what != Do::CancelExit) kept.push_back(what);
    steps = kept;
  }
  return table;
}

constexpr Convention process() {
  Convention c{};
  c.scripts[static_cast<std::size_t>(Script::Run)] = {.presence = Presence::Assumed, .file = "./run"};
  // 5.5: a run shorter than a second costs a second once it is down; no pause between run and finish.
  c.throttle = {
      .from = ThrottleFrom::QuickDeath, .interval = std::chrono::seconds(1), .command_overrides = false};
  c.signalled = set_of({Script::Run});
  // 5.6: TERM to runsv is the command x.
  c.shutdown = {Verb::Exit};
  return c;
}

constexpr Convention main_process() {
  Convention c = process();
  c.commands = kCommands;
  // 5.3: CODE is -1 after a signal. The original waits for ever; a finish that hangs here is killed.
  c.scripts[static_cast<std::size_t>(Script::Finish)] = {
      .presence = Presence::Readable,
      .file = "./finish",
      .words = {Word::CodeOrMinusOne, Word::WaitStatusLowByte},
      .limit = std::chrono::minutes(5)};
  c.custom_control = true;
  c.custom_limit = std::chrono::minutes(1);
  return c;
}

constexpr Convention log_process() {
  Convention c = process();
  c.commands = log_commands();
  return c;
}

}  // namespace

constinit const GroupConvention kConvention{
    .main = main_process(),
    .log = log_process(),
    .supervises_log = true,
    // 5.6: when main has left, the logger is given end of file and waited for.
    .coupling = {.close_input = true, .terminate = false},
};

}  // namespace kindred::runit
