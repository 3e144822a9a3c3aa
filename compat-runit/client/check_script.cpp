#include "compat-runit/client/check_script.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/error_text.h"

extern char** environ;

namespace kindred::runit {
namespace {

bool has_ended(pid_t pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

/// Whether the process ended before `limit`. Where no descriptor tells, it is looked at now and again.
bool ended_before(pid_t pid, Instant limit, const Clock& clock) {
  constexpr std::int64_t kLookAgain = 20, kSurely = 60'000;
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  for (;;) {
    if (has_ended(pid)) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - clock.now().steady).count();
    if (left <= 0) return false;
    pollfd ready{.fd = process.get(), .events = POLLIN, .revents = 0};
    poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(left, process ? kSurely : kLookAgain)));
  }
}

/// Not posix_spawn: the C library begins it with a system call that container profiles refuse. Errors: errno.
int start_check(int directory, char* const* argv, pid_t& pid) {
  volatile int error = 0;
  pid = vfork();
  if (pid == 0) {
    // sv ignores SIGPIPE, which the script must not inherit.
    (void)signal(SIGPIPE, SIG_DFL);
    close(1);
    // The kernel hands a script the path that was executed, so the script sees `check` in $0.
    if (fchdir(directory) == 0) execve("check", argv, environ);
    error = errno;
    _exit(127);
  }
  if (pid < 0) return errno;
  if (error != 0) waitpid(pid, nullptr, 0);
  return error;
}

int wait_status(pid_t pid) {
  int status = -1;
  while (waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  return status;
}

CheckAnswer unable(std::string_view operation, std::string_view name, int code) {
  std::string text = "unable to ";
  text.append(operation).append(" ").append(name).append("/check: ").append(error_text(code));
  return {.granted = false, .trouble = std::move(text)};
}

}  // namespace

CheckAnswer run_check(const ServiceDirectory& service, std::string_view name, Instant limit,
                      const Clock& clock) {
  const auto there = service.has("check");
  if (!there) return unable("stat", name, there.error().code);
  if (!*there) return {.granted = true, .trouble = {}};
  char argv0[] = "./check";
  char* const argv[] = {argv0, nullptr};
  pid_t pid = 0;
  // The kernel hands a script the path that was executed, so the script sees `check` in $0.
  if (const int code = start_check(service.fd(), argv, pid); code != 0) return unable("run", name, code);
  if (!ended_before(pid, limit, clock)) {
    kill(pid, SIGKILL);
    wait_status(pid);
    return {.granted = false,
            .trouble = std::string("killed ").append(name).append("/check, which took too long")};
  }
  const int status = wait_status(pid);
  return {.granted = WIFEXITED(status) && WEXITSTATUS(status) == 0, .trouble = {}};
}

}  // namespace kindred::runit
