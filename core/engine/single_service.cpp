#include "core/engine/single_service.h"

#include <fcntl.h>

#include <cerrno>
#include <csignal>
#include <iterator>
#include <string>
#include <vector>

#include "core/engine/messages.h"
#include "core/engine/supervisor_process.h"
#include "core/keeper/keeper.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

constexpr int kAlwaysTaken[] = {SIGTERM};
constexpr int kTakenUnlessIgnored[] = {SIGINT, SIGHUP};

/// The signals that a supervisor of this family takes, whether or not they are ignored; none: the usual ones.
std::vector<int> own_signals(const Dialect& home) {
  std::vector<int> taken;
  for (const SignalMeaning& meaning : home.signals) taken.push_back(meaning.signal);
  return taken;
}

Status open(SupervisorProcess& process, const Dialect& home) {
  constexpr auto kOne = SupervisorProcess::Services::One;
  const std::vector<int> taken = own_signals(home);
  if (taken.empty()) return process.open(kOne, kAlwaysTaken, kTakenUnlessIgnored);
  return process.open(kOne, std::span<const int>(taken), std::span<const int>());
}

void handle(int signal, const Dialect& home, Supervisor& supervisor) noexcept {
  if (home.signals.empty()) supervisor.shut_down_all();
  for (const SignalMeaning& meaning : home.signals) {
    if (meaning.signal != signal) continue;
    if (meaning.shut_down) supervisor.shut_down_all();
    for (const ControlCommand& command : meaning.commands) supervisor.command_all(command);
  }
}

Status supervise(const SingleServiceOptions& options) {
  SupervisorProcess process;
  Supervisor& supervisor = process.supervisor;
  supervisor.set_serves_one();
  process.inheritance = options.home->inheritance;
  if (Status opened = open(process, *options.home); !opened) return opened;
  GroupSpec spec;
  spec.name = options.directory;
  spec.home = options.home;
  Result<UniqueFd> directory = open_directory(AT_FDCWD, options.directory);
  if (!directory) return Error{directory.error().code, kEnterService, ""};
  spec.directory = std::move(*directory);
  Result<ServiceGroup*> group = supervisor.add(std::move(spec));
  if (!group) return group.error();
  supervisor.all_added();
  while (!supervisor.empty()) {
    supervisor.turn();
    if (const int signal = supervisor.take_signal(); signal != 0) handle(signal, *options.home, supervisor);
  }
  return ok();
}

int exit_code(const Error& error, const Dialect& home) {
  if (is_held_lock(error)) return home.locked_code;
  const bool wrong_type = error.operation.starts_with("use as ") ||
                          (error.operation == "open" && error.code == ENOTDIR && !error.object.empty());
  return wrong_type ? home.wrong_type_code : 111;
}

}  // namespace

int supervise_single(const SingleServiceOptions& options) {
  std::vector<int> signals = own_signals(*options.home);
  if (signals.empty()) {
    signals.assign(std::begin(kAlwaysTaken), std::end(kAlwaysTaken));
    signals.insert(signals.end(), std::begin(kTakenUnlessIgnored), std::end(kTakenUnlessIgnored));
  }
  // A core's name stands where the arguments were.
  const std::string directory = options.directory;
  return keep({.signals = signals, .title = directory.c_str()}, [&] {
    const Status result = supervise({.home = options.home, .directory = directory.c_str()});
    if (result) return 0;
    say(supervision_failed(options.home->wording, directory, result.error()));
    return exit_code(result.error(), *options.home);
  });
}

}  // namespace kindred
