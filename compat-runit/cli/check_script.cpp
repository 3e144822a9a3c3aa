#include "compat-runit/cli/check_script.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/error_text.h"

extern char** environ;

namespace kindred::runit {
namespace {

/// posix_spawn's wishes, freed with the object.
class SpawnWishes {
 public:
  explicit SpawnWishes(int directory) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addfchdir_np(&actions_, directory);
    posix_spawn_file_actions_addclose(&actions_, 1);
    posix_spawnattr_init(&attributes_);
    // sv ignores SIGPIPE, which the script must not inherit.
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  SpawnWishes(const SpawnWishes&) = delete;
  SpawnWishes& operator=(const SpawnWishes&) = delete;
  ~SpawnWishes() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// Whether the process ended before `limit`. Where the kernel has no pidfd: true, and the caller waits.
bool ended_before(pid_t pid, Instant limit, const Clock& clock) {
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return true;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - clock.now().steady).count();
    if (left <= 0) return false;
    pollfd ready{.fd = process.get(), .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000))) == 1) return true;
  }
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
  const SpawnWishes wishes(service.fd());
  pid_t pid = 0;
  // The kernel hands a script the path that was executed, so the script sees `check` in $0.
  if (const int code = posix_spawn(&pid, "check", wishes.actions(), wishes.attributes(), argv, environ);
      code != 0)
    return unable("run", name, code);
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
