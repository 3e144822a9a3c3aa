#pragma once
// The life that several families give a service, or build on: what the program `supervise` has done with one
// since it was new.

#include "core/service/convention.h"

namespace kindred {

/// The want is on disk before the start that it causes; the flag of p and c before the signal.
inline constexpr CommandTable kSuperviseCommands = command_table({
    {Verb::Up, {Do::WantUp, Do::Publish, Do::StartIfDown}},
    {Verb::Once, {Do::WantOnce, Do::Publish, Do::StartIfDown}},
    {Verb::Down, {Do::WantDown, Do::ClearPaused, Do::Terminate, Do::Resume, Do::Publish}},
    {Verb::Pause, {Do::MarkPaused, Do::Publish, Do::Suspend}},
    {Verb::Continue, {Do::ClearPaused, Do::Publish, Do::Resume}},
    // x sends no signal and leaves the want alone.
    {Verb::Exit, {Do::Exit, Do::Publish}},
    // t has no CONT: a paused process dies only when continued.
    {Verb::Signal, {Do::Signal}},
    {Verb::Terminate, {Do::Terminate}},
    // What the relatives add, for their clients on this convention.
    {Verb::OnceAtMost, {Do::WantOnce, Do::Publish}},
    {Verb::NoRestart, {Do::WantDown, Do::Publish}},
    {Verb::Quit, {Do::Leave}},
});

/// Consecutive starts are at least a second apart, those by command too; a longer run is restarted at once.
inline constexpr Throttle kSuperviseThrottle{
    .from = ThrottleFrom::LastStart, .interval = std::chrono::seconds(1), .command_overrides = false};

/// No script but run, which is never looked for: its failure to start is a death like any other.
[[nodiscard]] constexpr Convention supervised_run() {
  Convention c{};
  c.scripts[static_cast<std::size_t>(Script::Run)] = {.presence = Presence::Assumed, .file = "./run"};
  c.commands = kSuperviseCommands;
  c.throttle = kSuperviseThrottle;
  c.signalled = set_of({Script::Run});
  return c;
}

}  // namespace kindred
