#include "core/run/follow.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/number.h"
#include "core/sys/files.h"
#include "core/sys/process.h"

namespace kindred {
namespace {

constexpr int kSignalBase = 128;

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status); }

/// What the pid file says, if that is a process of ours.
std::optional<pid_t> named_process(const std::string& pid_file) {
  if (pid_file.empty()) return std::nullopt;
  constexpr std::size_t kLongest = 64;
  const auto text = read_file(AT_FDCWD, pid_file.c_str(), kLongest);
  if (!text) return std::nullopt;
  const auto pid = parse_pid(*text);
  // A stale file names nobody, or somebody else.
  siginfo_t info{};
  if (!pid || ::waitid(P_PID, static_cast<id_t>(*pid), &info, WEXITED | WNOHANG | WNOWAIT) == -1)
    return std::nullopt;
  return pid;
}

/// A child that is left: the kernel lists them where it can.
std::optional<pid_t> first_child() {
  const Result<std::vector<pid_t>> children = numbers_of_children(::getpid());
  return children && !children->empty() ? std::optional(children->front()) : std::nullopt;
}

class Follower {
 public:
  Follower(pid_t first, std::string pid_file) : first_(first), pid_file_(std::move(pid_file)) {
    ::sigemptyset(&watched_);
    for (const int signal :
         {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGCONT})
      ::sigaddset(&watched_, signal);
    ::sigprocmask(SIG_BLOCK, &watched_, nullptr);
  }

  Result<int> run() {
    for (;;) {
      if (const auto end = reap()) return *end;
      const int signal = wait_for_signal();
      if (signal > 0 && signal != SIGCHLD) ::kill(main_.value_or(first_), signal);
    }
  }

 private:
  /// With the first one's end the search for the main one begins: its pid file may come later.
  int wait_for_signal() {
    constexpr timespec kLookAgain{0, 100000000};
    const bool looks = first_ended_ && !main_ && !pid_file_.empty();
    const int signal =
        looks ? ::sigtimedwait(&watched_, nullptr, &kLookAgain) : ::sigwaitinfo(&watched_, nullptr);
    if (first_ended_ && !main_) main_ = named_process(pid_file_);
    return signal;
  }

  std::optional<Result<int>> reap() {
    for (;;) {
      int status = 0;
      const pid_t ended = ::waitpid(-1, &status, WNOHANG);
      if (ended == 0) break;
      if (ended == -1) {
        if (last_status_ && first_ended_) return exit_code(*last_status_);
        return Error{0, "the program left no process behind", ""};
      }
      if (ended == main_) return exit_code(status);
      if (ended != first_) {
        last_status_ = status;
        continue;
      }
      first_ended_ = true;
      if (status != 0) return Error{0, "the program failed before it went on in the background", ""};
    }
    if (first_ended_ && !main_) {
      main_ = named_process(pid_file_);
      if (!main_ && pid_file_.empty()) main_ = first_child();
    }
    return std::nullopt;
  }

  pid_t first_;
  std::string pid_file_;
  std::optional<pid_t> main_;
  bool first_ended_ = false;
  std::optional<int> last_status_;
  sigset_t watched_{};
};

}  // namespace

std::optional<pid_t> parse_pid(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kBlanks)));
  text = text.substr(0, text.find_first_of(kBlanks));
  const auto number = parse_unsigned<unsigned>(text);
  constexpr unsigned kMost = 1U << 22;
  return number && *number > 1 && *number <= kMost ? std::optional(static_cast<pid_t>(*number))
                                                   : std::nullopt;
}

Result<int> follow(pid_t (*start)(void* argument), void* argument, const std::string& pid_file) {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1) return error_here("adopt", "orphans");
  if (!pid_file.empty()) static_cast<void>(::unlink(pid_file.c_str()));
  const pid_t first = start(argument);
  if (first == -1) return error_here("fork", "");
  return Follower(first, pid_file).run();
}

}  // namespace kindred
