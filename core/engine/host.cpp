#include "core/engine/host.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "core/base/error_text.h"
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

Status Host::open(Services services, std::span<const int> always, std::span<const int> unless_ignored) {
  if (!take_missing_standard_descriptors()) return error_here("open", "/dev/null");
  if (const Kept* const here = kept()) {
    if (here->shares_descriptors && !here->begins) {
      await_births(default_run_directory());
      supervisor_.descriptors().take_up(here->others);
    }
    // The keeper waits for this.
    constexpr Ended kBegun{};
    (void)::send(here->link, &kBegun, sizeof kBegun, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  std::vector<int> taken{SIGCHLD};
  taken.insert(taken.end(), always.begin(), always.end());
  const auto& at_default = inheritance_.at_default;
  if (Status opened =
          signals_.open_keeping_ignored(taken, unless_ignored, {at_default.begin(), at_default.end()});
      !opened)
    return opened;
  sigset_t mask = signals_.original_mask();
  if (inheritance_.nothing_blocked) ::sigemptyset(&mask);
  for (int signal : inheritance_.unblocked) ::sigdelset(&mask, signal);
  const int first_free = kept() != nullptr ? kept()->first_free : -1;
  if (Status opened = spawner_.open(mask, first_free); !opened) return opened;
  if (services == Services::Many) spawner_.raise_descriptor_limit();
  if (Status opened = loop_.open(); !opened) return opened;
  if (Status reaps = may_reap(); !reaps) return reaps;
  return supervisor_.open(signals_, spawner_.descriptor_limit());
}

Status Host::open_doors(TreeHost& tenant, std::span<const Dialect* const> families,
                        const std::string& run_directory, std::span<const Dialect* const> views) {
  Result<UniqueFd> owned = own_run_directory(run_directory);
  if (!owned) return owned.error();
  owned_ = std::move(*owned);
  families_ = families;
  trees_.emplace(supervisor_, tenant, run_directory);
  control_.emplace(loop_, [this](std::string_view request) { return obey(request); });
  if (Status opened = control_->open(run_directory); !opened) return opened;
  if (supervisor_.descriptors().resumes()) return trees_->set(trees_->left(families));
  return trees_->set(views);
}

void Host::open_doors_asked_for(TreeHost& tenant, std::span<const Dialect* const> families,
                                const std::function<void(const Error&)>& warn) {
  const char* const asked = std::getenv(kViewsVariable);
  if (asked == nullptr) return;
  const Result<std::vector<const Dialect*>> views = parse_views(families, asked);
  ::unsetenv(kViewsVariable);
  if (!views) return warn(views.error());
  const std::string run_directory = default_run_directory();
  const Result<UniqueFd> made = open_run_directory(run_directory);
  const Status opened = made ? open_doors(tenant, families, run_directory, *views) : Status(made.error());
  if (!opened) warn(opened.error());
}

void Host::look_again() noexcept {
  if (trees_) trees_->look_again();
}

Status Host::close_doors() { return trees_ ? trees_->set({}) : ok(); }

std::string Host::obey(std::string_view request) {
  constexpr std::string_view kViewsRequest = "views ";
  if (!request.starts_with(kViewsRequest)) return "unknown request";
  const auto wanted = parse_views(families_, request.substr(kViewsRequest.size()));
  if (!wanted) return "there is no family " + wanted.error().object;
  const Status set = trees_->set(*wanted);
  if (set) return "ok";
  const Error& error = set.error();
  return error.operation + " " + error.object + ": " + std::string(error_text(error.code));
}

void scan_until_ended(Host& host, ScanDirectory& scan, const ScanLife& life) {
  Supervisor& supervisor = host.supervisor();
  bool ending = false;
  while (!ending || !(supervisor.empty() || life.is_over())) {
    supervisor.turn();
    const int signal = supervisor.take_signal();
    const bool told = signal == SIGTERM || signal == SIGINT;
    if (signal == SIGHUP && !ending) {
      scan.rescan();
      host.look_again();
    }
    if (ending || !(told || scan.shutting_down())) continue;
    ending = true;
    life.ending();
    scan.shut_down();
  }
}

}  // namespace kindred
