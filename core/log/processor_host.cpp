#include "core/log/processor_host.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

constexpr int kStateDescriptor = 4, kNewStateDescriptor = 5;

bool is_regular_at(int fd, int to) {
  // Two steps, so that no file lands on a descriptor that another one is still to come from.
  return fd >= 0 && ::dup2(fd, to) == to && ::fcntl(to, F_SETFL, 0) == 0;
}

/// 0, or the error.
int arrange(int directory, const ProcessorPlan& plan) {
  if (::fchdir(directory) == -1) return errno;
  constexpr int kAbove = 10;
  std::array<int, 4> opened{-1, -1, -1, -1};
  const auto open_above = [&](const char* name, int flags) {
    const UniqueFd fd = open_no_planted_link(AT_FDCWD, name, flags, plan.output_mode);
    return fd ? ::fcntl(fd.get(), F_DUPFD_CLOEXEC, kAbove) : -1;
  };
  opened[0] = open_above(plan.input, O_RDONLY);
  if (opened[0] == -1) return errno;
  opened[1] = open_above(plan.output, O_WRONLY | O_CREAT | O_TRUNC);
  if (opened[1] == -1 || ::fchmod(opened[1], plan.output_mode) == -1) return errno;
  if (plan.state != nullptr) {
    opened[2] = open_above(plan.state, O_RDONLY | O_CREAT);
    if (opened[2] == -1) return errno;
    opened[3] = open_above(plan.new_state, O_WRONLY | O_CREAT | O_TRUNC);
    if (opened[3] == -1) return errno;
  }
  if (!is_regular_at(opened[0], 0) || !is_regular_at(opened[1], 1)) return errno;
  if (plan.state != nullptr &&
      (!is_regular_at(opened[2], kStateDescriptor) || !is_regular_at(opened[3], kNewStateDescriptor)))
    return errno;
  return 0;
}

}  // namespace

int SystemProcessorHost::start(const ProcessorPlan& plan, pid_t& pid) {
  std::vector<char*> argv;
  for (const std::string& word : plan.rule->argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid = ::fork();
  if (pid == -1) return errno;
  if (pid > 0) return 0;
  for (const int signal : {SIGTERM, SIGHUP, SIGALRM, SIGCHLD, SIGPIPE, SIGXFSZ}) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  int error = arrange(directory_, plan);
  if (error == 0) {
    ::execvp(argv[0], argv.data());
    error = errno;
  }
  print_error({plan.rule->complaint, error_text(error)});
  ::_exit(kExitFatal);
}

}  // namespace kindred
