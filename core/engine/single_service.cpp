#include "core/engine/single_service.h"

#include <fcntl.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "core/engine/messages.h"
#include "core/engine/supervisor_process.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

Status open(SupervisorProcess& process, const Dialect& home) {
  constexpr auto kOne = SupervisorProcess::Services::One;
  if (home.signals.empty()) return process.open(kOne, {SIGTERM}, {SIGINT, SIGHUP});
  std::vector<int> taken;
  for (const SignalMeaning& meaning : home.signals) taken.push_back(meaning.signal);
  return process.open(kOne, std::span<const int>(taken), {});
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
  const Status result = supervise(options);
  if (result) return 0;
  say(supervision_failed(options.home->wording, options.directory, result.error()));
  return exit_code(result.error(), *options.home);
}

}  // namespace kindred
