#include "core/engine/supervisor_process.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "core/engine/process_table.h"
#include "core/engine/run_directory.h"
#include "core/keeper/keeper.h"
#include "core/sys/descriptor_table.h"

namespace kindred {
namespace {

/// Who never hears how a child ended would restart nothing, and say nothing of it.
Status may_reap() {
  siginfo_t info;
  if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno != ECHILD && errno != EINTR)
    return error_here("wait for", "children");
  return ok();
}

}  // namespace

Status SupervisorProcess::open(Services services, std::span<const int> always,
                               std::span<const int> unless_ignored) {
  if (!take_missing_standard_descriptors()) return error_here("open", "/dev/null");
  if (const Kept* const here = kept()) {
    if (here->shares_descriptors && !here->begins) {
      await_births(default_run_directory());
      supervisor.descriptors().take_up(here->others);
    }
    // The keeper waits for this.
    constexpr Ended kBegun{};
    (void)::send(here->link, &kBegun, sizeof kBegun, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  std::vector<int> taken{SIGCHLD};
  taken.insert(taken.end(), always.begin(), always.end());
  const auto& at_default = inheritance.at_default;
  if (Status opened =
          signals.open_keeping_ignored(taken, unless_ignored, {at_default.begin(), at_default.end()});
      !opened)
    return opened;
  sigset_t mask = signals.original_mask();
  if (inheritance.nothing_blocked) ::sigemptyset(&mask);
  for (int signal : inheritance.unblocked) ::sigdelset(&mask, signal);
  const int first_free = kept() != nullptr ? kept()->first_free : -1;
  if (Status opened = spawner.open(mask, first_free); !opened) return opened;
  if (services == Services::Many) spawner.raise_descriptor_limit();
  if (Status opened = loop.open(); !opened) return opened;
  if (Status reaps = may_reap(); !reaps) return reaps;
  return supervisor.open(signals, spawner.descriptor_limit());
}

void scan_until_ended(Supervisor& supervisor, ScanDirectory& scan, const ScanLife& life) {
  bool ending = false;
  while (!ending || !(supervisor.empty() || life.is_over())) {
    supervisor.turn();
    const int signal = supervisor.take_signal();
    const bool told = signal == SIGTERM || signal == SIGINT;
    if (signal == SIGHUP && !ending) {
      scan.rescan();
      life.look_again();
    }
    if (ending || !(told || scan.shutting_down())) continue;
    ending = true;
    life.ending();
    scan.shut_down();
  }
}

}  // namespace kindred
