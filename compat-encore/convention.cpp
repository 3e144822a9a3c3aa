#include "compat-encore/convention.h"

#include "core/service/supervise_life.h"

// Each line with its source in interfaces/encore.md.

namespace kindred::encore {
namespace {

// Section 4, "order inside an event" of section 3: for d the signals, then the write; for p and c the write,
// then the signal; for u and o the write, then the start.
constexpr CommandTable kCommands = command_table(
    {
        // 5.4: a d that hits a process makes stop owed again; without one it runs a stop that is owed.
        {Verb::Down,
         {Do::WantDown, Do::Terminate, Do::Resume, Do::ClearPaused, Do::OweStop, Do::Publish,
          Do::RestIfDown}},
        {Verb::NoRestart, {Do::WantDown, Do::Publish, Do::RestIfDown}},
    },
    kSuperviseCommands);

// Section 4: x concerns the supervisor, and is main's.
constexpr CommandTable kLogCommands = command_table({{Verb::Exit, {}}, {Verb::Quit, {}}}, kCommands);

constexpr Convention process() {
  Convention c{};
  // 5.2: a second between starts, whatever it was that was started.
  c.throttle = kSuperviseThrottle;
  // 5.4: exit code 100 of any script leaves the service failed.
  c.failing_code = 100;
  // 5.5: each child leads a session of its own, notify too.
  c.own_session = true;
  c.stay_in_session = "no-setsid";
  // Section 6.
  c.notify = "./notify";
  // 5.7: whether to leave is asked when all commands of a wake-up have been obeyed.
  c.exit_comes_last = true;
  // Section 8: TERM and INT to supervise are `dx`.
  c.shutdown = {Verb::Down, Verb::Exit};
  return c;
}

constexpr Convention main_process() {
  Convention c = process();
  c.commands = kCommands;
  auto script = [&](Script s, Presence presence, const char* file) {
    c.scripts[static_cast<std::size_t>(s)] = {.presence = presence, .file = file};
  };
  // Section 2: start and stop count where the owner may execute them, run where it exists.
  script(Script::Start, Presence::OwnerExecutable, "./start");
  script(Script::Run, Presence::Exists, "./run");
  script(Script::Stop, Presence::OwnerExecutable, "./stop");
  // Section 4: signals and d reach whichever script runs.
  c.signalled = set_of({Script::Start, Script::Run, Script::Stop});
  // 5.4: whatever else than 0 becomes of start, nothing more is run.
  c.start_failure_fails = true;
  return c;
}

// Section 7: the log has neither start nor stop; whether there is one is asked only once.
constexpr Convention log_process() {
  Convention c = process();
  c.commands = kLogCommands;
  c.scripts[static_cast<std::size_t>(Script::Run)] = {.presence = Presence::OwnerExecutable, .file = "./log"};
  c.signalled = set_of({Script::Run});
  return c;
}

}  // namespace

constinit const GroupConvention kConvention{
    .main = main_process(),
    .log = log_process(),
    .supervises_log = true,
    .log_is_directory = false,
    // Section 7: no end of file ever reaches the log; when main has left it is sent TERM and CONT.
    .coupling = {.close_input = false, .terminate = true},
};

}  // namespace kindred::encore
