#include "compat-daemontools/convention.h"

// Each line with its source in interfaces/daemontools.md.

namespace kindred::daemontools {
namespace {

consteval CommandTable commands() {
  CommandTable table{};
  auto on = [&](Verb verb, Steps steps) { table[static_cast<std::size_t>(verb)] = steps; };
  // Section 4: the want is on disk before the start that it causes.
  on(Verb::Up, {Do::WantUp, Do::Publish, Do::StartIfDown});
  on(Verb::Once, {Do::WantOnce, Do::Publish, Do::StartIfDown});
  on(Verb::Down, {Do::WantDown, Do::ClearPaused, Do::Terminate, Do::Resume, Do::Publish});
  // p and c: flag set, status written, then the signal.
  on(Verb::Pause, {Do::MarkPaused, Do::Publish, Do::Suspend});
  on(Verb::Continue, {Do::ClearPaused, Do::Publish, Do::Resume});
  // x sends no signal and leaves the want alone.
  on(Verb::Exit, {Do::Exit, Do::Publish});
  // t has no CONT: a paused process dies only when continued.
  on(Verb::Signal, {Do::Signal});
  on(Verb::Terminate, {Do::Terminate});
  // What the relatives add, for their clients on this convention.
  on(Verb::OnceAtMost, {Do::WantOnce, Do::Publish});
  on(Verb::NoRestart, {Do::WantDown, Do::Publish});
  on(Verb::Quit, {Do::Leave});
  return table;
}

constexpr Convention main_process() {
  Convention c{};
  // Section 5: no other scripts; run is never looked for, its failure to start is a death like any other.
  c.scripts[static_cast<std::size_t>(Script::Run)] = {.presence = Presence::Assumed, .file = "./run"};
  c.commands = commands();
  // Consecutive starts are at least a second apart; a longer run is restarted at once.
  c.throttle = {
      .from = ThrottleFrom::LastStart, .interval = std::chrono::seconds(1), .command_overrides = false};
  c.signalled = set_of({Script::Run});
  return c;
}

}  // namespace

constinit const GroupConvention kConvention{.main = main_process()};

}  // namespace kindred::daemontools
