// s6-notifyoncheck [-d] [-3 FD] [-s MS] [-T MS] [-t MS] [-w MS] [-n TRIES] [-c COMMAND] PROG...: in a run
// script, runs PROG, and beside it polls the service until a check says that it is ready. Source:
// interfaces/s6.md section 10.10.

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "compat-s6/client/beside.h"
#include "compat-s6/client/command_line.h"
#include "compat-s6/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/client/event_subscription.h"
#include "core/sys/clock.h"
#include "core/sys/record_lock.h"

namespace kindred::s6 {
namespace {

constexpr std::string_view kProgram = "s6-notifyoncheck";
constexpr std::string_view kUsage =
    "s6-notifyoncheck [ -d ] [ -3 fd ] [ -s initialsleep ] [ -T globaltimeout ] [ -t "
    "localtimeout ] "
    "[ -w waitingtime ] [ -n tries ] [ -c \"checkprog...\" ] prog...";

enum Outcome { kReady = 0, kTriesUsedUp = 1, kServiceDied = 2, kTimedOut = 3 };

struct Request {
  bool detached = false;
  std::optional<std::uint32_t> fd;
  std::uint32_t sleep = 10, limit = 0, check_limit = 0, pause = 1000, tries = 7;
  const char* command = nullptr;
};

class Poller {
 public:
  Poller(const Request& request, const EventSubscription& events)
      : request_(request), events_(events), deadline_(deadline_after(request.limit)) {}

  int run() {
    if (const auto end = wait(request_.sleep)) return *end;
    for (std::uint32_t tries = 0; request_.tries == 0 || tries < request_.tries; ++tries) {
      if (tries > 0)
        if (const auto end = wait(request_.pause)) return *end;
      bool passed = false;
      if (const auto end = check(passed)) return *end;
      if (passed) return kReady;
    }
    return kTriesUsedUp;
  }

 private:
  /// What has ended the polling, if anything has.
  std::optional<int> over() {
    if (events_.take().find('d') != std::string::npos) return kServiceDied;
    if (SystemClock().now().steady >= deadline_) return kTimedOut;
    return std::nullopt;
  }

  std::optional<int> wait(std::uint32_t milliseconds) {
    const Instant until = SystemClock().now().steady + std::chrono::milliseconds(milliseconds);
    for (;;) {
      if (const auto end = over()) return end;
      if (SystemClock().now().steady >= until) return std::nullopt;
      pollfd told{.fd = events_.fd(), .events = POLLIN, .revents = 0};
      poll(&told, 1, poll_time(std::min(until, deadline_)));
    }
  }

  std::optional<int> check(bool& passed) {
    const pid_t pid = fork();
    if (pid == 0) become_check();
    if (pid < 0) {
      print_warning(kProgram, {"unable to fork: ", std::strerror(errno)});
      return std::nullopt;
    }
    const UniqueFd child(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    const Instant until = deadline_after(request_.check_limit);
    std::optional<int> end;
    for (;;) {
      pollfd watched[2] = {{.fd = child.get(), .events = POLLIN, .revents = 0},
                           {.fd = events_.fd(), .events = POLLIN, .revents = 0}};
      // Where no descriptor tells of its end, it is looked at now and again.
      constexpr int kLookAgain = 20;
      const int time = poll_time(std::min(until, deadline_));
      poll(watched, 2, child || (time >= 0 && time < kLookAgain) ? time : kLookAgain);
      end = over();
      siginfo_t gone{};
      if (!child && waitid(P_PID, static_cast<id_t>(pid), &gone, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          gone.si_pid != 0)
        break;
      if (watched[0].revents != 0 || end || SystemClock().now().steady >= until) break;
    }
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) == 0) {
      kill(pid, SIGKILL);
      while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
      return end;
    }
    passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return passed ? std::nullopt : end;
  }

  [[noreturn]] void become_check() const {
    if (request_.command != nullptr)
      execlp("execlineb", "execlineb", "-Pc", request_.command, nullptr);
    else
      execl("./data/check", "./data/check", nullptr);
    _exit(die(kProgram, error_here("exec", request_.command != nullptr ? "execlineb" : "./data/check"), 127));
  }

  const Request& request_;
  const EventSubscription& events_;
  Instant deadline_;
};

/// Returns the exit code.
int poll_and_notify(const Request& request, EventSubscription subscription, int fd) {
  // A parameter may live on until the caller's statement is over, and that ends the process.
  const EventSubscription events = std::move(subscription);
  (void)signal(SIGPIPE, SIG_IGN);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  const int code = Poller(request, events).run();
  if (code == kReady) (void)!write(fd, "\n", 1);
  return code;
}

}  // namespace

int notifyoncheck_main(int argc, char** argv) {
  Request request;
  Options options(argc, argv, "d3:s:T:t:w:n:c:", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return usage(kProgram, kUsage);
    if (letter == 'd') {
      request.detached = true;
      continue;
    }
    if (letter == 'c') {
      request.command = options.argument();
      continue;
    }
    const auto number = parse_number(options.argument());
    if (!number) return usage(kProgram, kUsage);
    switch (letter) {
      case '3':
        request.fd = number;
        break;
      case 's':
        request.sleep = *number;
        break;
      case 'T':
        request.limit = *number;
        break;
      case 't':
        request.check_limit = *number;
        break;
      case 'w':
        request.pause = *number;
        break;
      default:
        request.tries = *number;
        break;
    }
  }
  if (options.operands().empty()) return usage(kProgram, kUsage);
  const Result<bool> supervised = is_locked(AT_FDCWD, "supervise/lock");
  if (!supervised || !*supervised) return fatal(kProgram, {"s6-supervise not running."}, kExitUsage);
  const auto notification = notification_descriptor(request.fd);
  if (!notification) return fatal(kProgram, {"no notification descriptor"}, kExitUsage);
  Result<EventSubscription> events = EventSubscription::open(AT_FDCWD, "event");
  if (!events) return die(kProgram, events.error());

  const Status beside = run_beside(
      request.detached, [&] { return poll_and_notify(request, std::move(*events), *notification); });
  if (!beside) return die(kProgram, beside.error());
  close(*notification);
  return exec_into(kProgram, options.operands());
}

}  // namespace kindred::s6
