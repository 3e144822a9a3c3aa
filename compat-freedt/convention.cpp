#include "compat-freedt/convention.h"

// Each line with its source in interfaces/freedt.md, whose section 6.3 takes daemontools' supervise for what
// the documents leave open.

namespace kindred::freedt {
namespace {

consteval CommandTable commands() {
  CommandTable table{};
  auto on = [&](Verb verb, Steps steps) { table[static_cast<std::size_t>(verb)] = steps; };
  on(Verb::Up, {Do::WantUp, Do::Publish, Do::StartIfDown});
  on(Verb::Once, {Do::WantOnce, Do::Publish, Do::StartIfDown});
  on(Verb::Down, {Do::WantDown, Do::ClearPaused, Do::Terminate, Do::Resume, Do::Publish});
  on(Verb::Pause, {Do::MarkPaused, Do::Publish, Do::Suspend});
  on(Verb::Continue, {Do::ClearPaused, Do::Publish, Do::Resume});
  // 3.3: x leaves as soon as the service is down, X at once: nothing is signalled, nothing is written.
  on(Verb::Exit, {Do::Exit, Do::Publish});
  on(Verb::Quit, {Do::Leave});
  on(Verb::Signal, {Do::Signal});
  on(Verb::Terminate, {Do::Terminate});
  // What the relatives add, for their clients on this convention.
  on(Verb::OnceAtMost, {Do::WantOnce, Do::Publish});
  on(Verb::NoRestart, {Do::WantDown, Do::Publish});
  return table;
}

constexpr Convention main_process() {
  Convention c{};
  c.scripts[static_cast<std::size_t>(Script::Run)] = {.presence = Presence::Assumed, .file = "./run"};
  c.commands = commands();
  // Section 4: 0.70's manual says one start a second.
  c.throttle = {
      .from = ThrottleFrom::LastStart, .interval = std::chrono::seconds(1), .command_overrides = false};
  c.signalled = set_of({Script::Run});
  // 3.2: the child leads a session of its own.
  c.own_session = true;
  return c;
}

}  // namespace

constinit const GroupConvention kConvention{.main = main_process()};

}  // namespace kindred::freedt
