#include "core/engine/single_service.h"

#include <fcntl.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include "core/engine/group_tree.h"
#include "core/engine/host.h"
#include "core/engine/messages.h"
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

Status open(Host& host, const Dialect& home) {
  constexpr auto kOne = Host::Services::One;
  const std::vector<int> taken = own_signals(home);
  if (taken.empty()) return host.open(kOne, kAlwaysTaken, kTakenUnlessIgnored);
  return host.open(kOne, std::span<const int>(taken), std::span<const int>());
}

/// The name of the directory itself, however it was given.
std::string name_of(const char* directory) {
  char path[PATH_MAX];
  const std::string_view whole = ::realpath(directory, path) != nullptr ? path : directory;
  return std::string(whole.substr(whole.rfind('/') + 1));
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
  Host host(options.home->inheritance);
  Supervisor& supervisor = host.supervisor();
  supervisor.set_serves_one();
  if (Status opened = open(host, *options.home); !opened) return opened;
  const std::string shown = name_of(options.directory);
  GroupSpec spec;
  spec.name = options.directory;
  spec.shown = shown.c_str();
  spec.home = options.home;
  Result<UniqueFd> directory = open_directory(AT_FDCWD, options.directory);
  if (!directory) return Error{directory.error().code, kEnterService, ""};
  spec.directory = std::move(*directory);
  const Wording& wording = options.home->wording;
  const auto warn = [&](const Error& error) {
    say(message(wording.warning, options.directory, error, wording.reason));
  };
  GroupTree tree(supervisor, host.loop().clock().now().wall, [&] { supervisor.shut_down_all(); });
  host.open_doors_asked_for(tree, options.families, warn);
  Result<ServiceGroup*> group = supervisor.add(std::move(spec));
  if (!group) return group.error();
  supervisor.all_added();
  while (!supervisor.empty()) {
    supervisor.turn();
    if (const int signal = supervisor.take_signal(); signal != 0) handle(signal, *options.home, supervisor);
  }
  if (Status closed = host.close_doors(); !closed) warn(closed.error());
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
    const Status result =
        supervise({.home = options.home, .families = options.families, .directory = directory.c_str()});
    if (result) return 0;
    say(supervision_failed(options.home->wording, directory, result.error()));
    return exit_code(result.error(), *options.home);
  });
}

}  // namespace kindred
