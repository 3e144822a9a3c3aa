#include "compat-s6/convention.h"

// Each line with its source in interfaces/s6.md. s6 2.11.3.2 is meant where the versions differ.

namespace kindred::s6 {
namespace {

constexpr CommandTable kCommands = command_table({
    {Verb::Up, {Do::WantUp, Do::Publish, Do::StartIfDown}},
    {Verb::Once, {Do::WantOnce, Do::Publish, Do::StartIfDown}},
    // Down signal, CONT, status; then timeout-kill is armed, or disarmed where there is none (7.4).
    {Verb::Down,
     {Do::WantDown, Do::Terminate, Do::Resume, Do::ClearPaused, Do::Publish, Do::ArmKill}},
    // O and Q: no signal. What O says is decoded as NoRestart.
    {Verb::OnceAtMost, {Do::WantOnce, Do::Publish}},
    {Verb::NoRestart, {Do::WantDown, Do::Publish}},
    // x leaves the want and the record alone; the supervisor's own input and output go at once.
    {Verb::Exit, {Do::Exit, Do::DropOutput}},
    // 7.1: SIGQUIT to the supervisor.
    {Verb::Quit, {Do::Leave}},
    {Verb::Pause, {Do::Suspend, Do::MarkPaused, Do::Publish}},
    {Verb::Continue, {Do::Resume, Do::ClearPaused, Do::Publish}},
    // r: the down signal alone; no CONT, no timeout-kill.
    {Verb::Terminate, {Do::Terminate}},
    {Verb::Signal, {Do::Signal}},
});

constexpr Convention main_process() {
  Convention c{};
  // 7.2: run is never looked for; the supervisor is told that exec failed and tries again after 10 s.
  c.scripts[static_cast<std::size_t>(Script::Run)] = {
      .presence = Presence::Assumed, .file = "./run", .words = {Word::ServiceName}};
  c.run_must_exec = true;
  c.spawn_retry = std::chrono::seconds(10);
  // 7.3: finish is told code (256 after a signal), signal and name; timeout-finish is 5 s by default.
  c.scripts[static_cast<std::size_t>(Script::Finish)] = {
      .presence = Presence::Exists,
      .file = "./finish",
      .words = {Word::CodeOr256, Word::SignalNumber, Word::ServiceName},
      .limit = std::chrono::seconds(5)};
  c.finish_down_code = 125;
  c.commands = kCommands;
  // 7.3: a second from readiness, or from the end of a life that never was ready; u, U and o cut the wait
  // short.
  c.throttle = {
      .from = ThrottleFrom::ReadyOrDown, .interval = std::chrono::seconds(1), .command_overrides = true};
  // Section 6: nothing reaches finish.
  c.signalled = set_of({Script::Run});
  // 7.4: timeout-kill is the service's to set; KILL is repeated every 5 s.
  c.kill_after = Duration{0};
  c.kill_again = std::chrono::seconds(5);
  c.own_session = true;
  // One flag says up: once is not restarting, and over when run is.
  c.once_becomes_down = true;
  // 7.1: SIGTERM leaves at once where there is no process; otherwise it is x, then d.
  // While finish runs it only leaves after that: what is wanted stays.
  c.shutdown = {Verb::Exit, Verb::Down};
  c.shutdown_in_finish = {Verb::Exit};
  return c;
}

}  // namespace

// Section 9.4: the logger is a service of its own, with a supervisor of its own.
constinit const GroupConvention kConvention{.main = main_process()};

}  // namespace kindred::s6
