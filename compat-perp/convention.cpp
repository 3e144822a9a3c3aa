#include "compat-perp/convention.h"

// Each line with its source in interfaces/perp.md.

namespace kindred::perp {
namespace {

constexpr CommandTable kCommands = command_table({
    // 7.7. The state is asked for, not written: Publish tells the other dialects' views.
    {Verb::Up, {Do::WantUp, Do::Publish, Do::StartIfDown}},
    {Verb::Once, {Do::WantOnce, Do::Publish, Do::StartIfDown}},
    // 6.5: in reset the TERM is dropped and the CONT is not.
    {Verb::Down, {Do::WantDown, Do::Terminate, Do::ClearPaused, Do::Resume, Do::Publish}},
    {Verb::Pause, {Do::MarkPaused, Do::Suspend, Do::Publish}},
    {Verb::Continue, {Do::ClearPaused, Do::Resume, Do::Publish}},
    // t has no CONT.
    {Verb::Terminate, {Do::Terminate}},
    {Verb::Signal, {Do::Signal}},
    // 5.3: deactivation is d, and the service is forgotten when both halves are down. There is no such
    // command.
    {Verb::Exit, {Do::Exit, Do::Publish}},
    // What the relatives add, for their clients on this convention.
    {Verb::OnceAtMost, {Do::WantOnce, Do::Publish}},
    {Verb::NoRestart, {Do::WantDown, Do::Publish}},
    {Verb::Quit, {Do::Leave}},
});

// The log is deactivated with its main only.
constexpr CommandTable kLogCommands = command_table({{Verb::Exit, {}}, {Verb::Quit, {}}}, kCommands);

constexpr Convention process(const char* file, const CommandTable& table) {
  Convention c{};
  // 6.1: one file, told what to do. Neither word is looked for: what cannot be executed exits 111, and is
  // reset.
  c.scripts[static_cast<std::size_t>(Script::Run)] = {.presence = Presence::Assumed,
                                                      .file = file,
                                                      .words = {Word::LiteralStart, Word::ServiceName},
                                                      // 6.2.
                                                      .environment = {{"PERP_SVPID", Fact::OwnPid}},
                                                      .null_input = true};
  // Section 6: reset follows every exit of start.
  c.scripts[static_cast<std::size_t>(Script::Finish)] = {
      .presence = Presence::Assumed,
      .file = file,
      .words = {Word::LiteralReset, Word::ServiceName, Word::ExitOrSignal, Word::CodeOrSignalNumber,
                Word::SignalName},
      .environment = {{"PERP_SVPID", Fact::EndedPid}, {"PERP_SVSECS", Fact::SecondsLived}},
      .null_input = true};
  c.commands = table;
  // 6.3: starts are a second apart, those by command too; the original's child sleeps that second.
  c.throttle = {
      .from = ThrottleFrom::LastStart, .interval = std::chrono::seconds(1), .command_overrides = false};
  // 7.7: only CONT and KILL pass to a reset.
  c.signalled = set_of({Script::Run});
  c.killable = set_of({Script::Finish});
  c.own_session = true;
  // 6.4: every exit while once is set sets want down.
  c.once_becomes_down = true;
  return c;
}

constexpr Convention main_process() {
  Convention c = process("./rc.main", kCommands);
  // Section 2: looked at once, when the service is activated.
  c.down_file = "flag.down";
  c.once_file = "flag.once";
  return c;
}

constexpr Convention log_process() {
  Convention c = process("./rc.log", kLogCommands);
  c.scripts[static_cast<std::size_t>(Script::Run)].null_input = false;
  c.down_file = nullptr;
  return c;
}

}  // namespace

constinit const GroupConvention kConvention{
    .main = main_process(),
    .log = log_process(),
    .supervises_log = true,
    .log_is_directory = false,
    // Section 2: not even that it is a file is asked.
    .log_presence = Presence::OwnerBit,
    // 4.3.
    .longest_name = kLongestName,
    // 5.3, step 3: the pipe is closed, then TERM and CONT.
    .coupling = {.close_input = true, .terminate = true},
};

}  // namespace kindred::perp
