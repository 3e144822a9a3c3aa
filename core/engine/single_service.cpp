#include "core/engine/single_service.h"

#include <fcntl.h>

#include <csignal>

#include "core/engine/messages.h"
#include "core/engine/supervisor.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

Status supervise(const SingleServiceOptions& options) {
  SystemClock clock;
  Signals signals;
  SystemSpawner spawner;
  EventLoop loop(clock);
  if (Status opened = signals.open({SIGCHLD, SIGTERM}, {SIGINT, SIGHUP}); !opened) return opened;
  if (Status opened = spawner.open(signals.inherited_mask()); !opened) return opened;
  if (Status opened = loop.open(); !opened) return opened;
  Supervisor supervisor(loop, spawner);
  if (Status opened = supervisor.open(signals, spawner.descriptor_limit()); !opened) return opened;
  GroupSpec spec;
  spec.name = options.directory;
  spec.home = options.home;
  Result<UniqueFd> directory = open_directory(AT_FDCWD, options.directory);
  if (!directory) return Error{directory.error().code, "chdir to", ""};
  spec.directory = std::move(*directory);
  Result<ServiceGroup*> group = supervisor.add(std::move(spec));
  if (!group) return group.error();
  while (!supervisor.empty()) {
    supervisor.turn();
    if (supervisor.take_signal() != 0 && !supervisor.empty()) supervisor.shut_down_all();
  }
  return ok();
}

}  // namespace

int supervise_single(const SingleServiceOptions& options) {
  const Status result = supervise(options);
  if (result) return 0;
  say(supervision_failed(options.home->wording, options.directory, result.error()));
  return 111;
}

}  // namespace kindred
