#pragma once
// How many system calls something makes, whatever else the machine does.

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>

namespace kindred::test {

/// The calls that `act` makes in a process of its own, but for those that get memory; nullopt where a process may not trace
/// its child.
template <class Act>
std::optional<int> count_calls(const Act& act) {
  const pid_t pid = fork();
  if (pid == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(1);
    (void)raise(SIGSTOP);
    act();
    _exit(0);
  }
  int status = 0, calls = 0;
  const auto stopped = [&] { return waitpid(pid, &status, 0) == pid && WIFSTOPPED(status); };
  if (!stopped()) return std::nullopt;
  (void)ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  bool entering = true;
  while (ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr) == 0 && stopped()) {
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) continue;
    __ptrace_syscall_info info{};
    if (entering &&
        ptrace(static_cast<__ptrace_request>(PTRACE_GET_SYSCALL_INFO), pid, sizeof info, &info) <= 0) {
      (void)kill(pid, SIGKILL);
      (void)waitpid(pid, &status, 0);
      return std::nullopt;
    }
    const auto call = info.entry.nr;
    const bool memory = call == SYS_mmap || call == SYS_munmap || call == SYS_madvise ||
                        call == SYS_mprotect || call == SYS_brk || call == SYS_futex ||
                        call == SYS_exit_group;
    if (entering && !memory) ++calls;
    entering = !entering;
  }
  return calls;
}

}  // namespace kindred::test
