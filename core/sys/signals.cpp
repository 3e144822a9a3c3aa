#include "core/sys/signals.h"

#include <sys/signalfd.h>

namespace kindred {
namespace {

/// What is blocked when this process opens its signals and was not when its parent did.
const sigset_t*& inherited_instead() noexcept {
  static const sigset_t* mask = nullptr;
  return mask;
}

}  // namespace

void Signals::take_for_inherited(const sigset_t& mask) noexcept {
  static sigset_t kept;
  kept = mask;
  inherited_instead() = &kept;
}

Status Signals::open(std::initializer_list<int> always, std::initializer_list<int> unless_ignored) {
  return open_list({always.begin(), always.size()}, {unless_ignored.begin(), unless_ignored.size()});
}

Status Signals::open_list(std::span<const int> always, std::span<const int> unless_ignored) {
  return open_keeping_ignored(always, unless_ignored, always);
}

Status Signals::open_keeping_ignored(std::span<const int> always, std::span<const int> unless_ignored,
                                     std::span<const int> at_default) {
  sigset_t taken;
  ::sigemptyset(&taken);
  // One that is blocked comes through the descriptor even where it is ignored.
  for (int signal : always) ::sigaddset(&taken, signal);
  for (int signal : unless_ignored) {
    struct sigaction current {};
    ::sigaction(signal, nullptr, &current);
    if (current.sa_handler != SIG_IGN) ::sigaddset(&taken, signal);
  }
  sigset_t blocked = taken;
  // Neither a reader that has gone nor a limit on the size of files ends us: the call that met it says so.
  ::sigaddset(&blocked, SIGPIPE);
  ::sigaddset(&blocked, SIGXFSZ);
  if (::sigprocmask(SIG_BLOCK, &blocked, &original_) != 0) return error_here("block", "signals");
  if (inherited_instead() != nullptr) original_ = *inherited_instead();
  for (int signal : at_default) {
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    ::sigaction(signal, &plain, nullptr);
  }
  inherited_ = original_;
  ::sigdelset(&inherited_, SIGCHLD);
  ::sigdelset(&inherited_, SIGTERM);
  fd_.reset(::signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd_) return error_here("open", "signal descriptor");
  return ok();
}

int Signals::next(pid_t* sender) noexcept {
  signalfd_siginfo info;
  if (::read(fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return 0;
  if (sender != nullptr) *sender = static_cast<pid_t>(info.ssi_pid);
  return static_cast<int>(info.ssi_signo);
}

}  // namespace kindred
