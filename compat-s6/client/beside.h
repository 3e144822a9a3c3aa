#pragma once
// What a program that becomes another one leaves beside it.

#include <sys/wait.h>
#include <unistd.h>

#include "core/base/result.h"

namespace kindred::s6 {

/// Runs `work` in another process, which ends with what it returns: a child of this process or, detached, of nobody here.
template <class Work>
Status run_beside(bool detached, const Work& work) {
  const pid_t pid = fork();
  if (pid < 0) return error_here("fork", "");
  if (pid == 0) {
    if (detached) {
      const pid_t worker = fork();
      if (worker != 0) _exit(worker > 0 ? 0 : errno);
    }
    _exit(work());
  }
  if (!detached) return ok();
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ok() : error_here("fork", "", WEXITSTATUS(status));
}

}  // namespace kindred::s6
