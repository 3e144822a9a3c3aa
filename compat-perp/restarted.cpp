#include "compat-perp/restarted.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "compat-perp/words.h"
#include "core/cli/output.h"
#include "core/sys/execute.h"

namespace kindred::perp {
namespace {

constexpr Duration kPause = std::chrono::seconds(1);

void warn(const Speaker& speaker, std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  print_error({speaker.program, speaker.after, "warning: ", text});
}

bool take_place(const ChildPlace& place) {
  const auto becomes = [](int from, int to) { return from == -1 || ::dup2(from, to) != -1; };
  return (place.directory == -1 || ::fchdir(place.directory) == 0) && becomes(place.input, 0) &&
         becomes(place.output, 1) && becomes(place.errors, 2);
}

}  // namespace

Status open_told(Signals& signals) {
  std::array<int, kTold.size() + 1> taken{SIGCHLD};
  std::ranges::copy(kTold, taken.begin() + 1);
  return signals.open_list(taken);
}

int become(char* const* argv, const ChildPlace& place, const Signals& signals, const Speaker& speaker) {
  ::sigprocmask(SIG_SETMASK, &signals.inherited_mask(), nullptr);
  const int error = take_place(place) ? execute(argv[0], argv) : errno;
  print_error({speaker.program, speaker.after, "fatal: unable to run ", argv[0], ": ", reason(error)});
  return kExitFatal;
}

void start(Restarted& child, const ChildPlace& place, const Signals& signals, const Speaker& speaker,
           const Clock& clock) {
  child.started = clock.now().steady;
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(become(child.argv, place, signals, speaker));
  if (pid > 0) {
    child.pid = pid;
    return;
  }
  child.due = child.started + kPause;
  warn(speaker, {"failure fork() for ", child.argv[0], ": ", reason(errno)});
}

void ended(Restarted& child, const Speaker& speaker, const Clock& clock) {
  child.pid = 0;
  child.due = clock.now().steady;
  if (child.due - child.started >= kPause) return;
  child.due = child.due + kPause;
  warn(speaker, {child.argv[0], " did not live for a second"});
}

void wait_for_signal(const Signals& signals, Instant due, const Clock& clock) {
  int milliseconds = -1;
  if (due != Instant::never()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - clock.now().steady).count();
    milliseconds = static_cast<int>(std::max<std::int64_t>(left, 0));
  }
  pollfd ready{signals.fd(), POLLIN, 0};
  static_cast<void>(::poll(&ready, 1, milliseconds));
}

Status LoggedPair::open() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return error_here("create", "pipe");
  reading_.reset(ends[0]);
  writing_.reset(ends[1]);
  return open_told(signals_);
}

bool LoggedPair::over() const {
  return ending_ && logger_.pid == 0 && (program_.pid == 0 || !rules_.awaits_program);
}

ChildPlace LoggedPair::place_of_program() const {
  return {rules_.elsewhere, writing_.get(), rules_.with_errors ? writing_.get() : rules_.elsewhere,
          rules_.directory};
}

void LoggedPair::start_logger() {
  start(logger_, {reading_.get(), rules_.elsewhere, rules_.elsewhere, rules_.directory}, signals_,
        rules_.speaker, clock_);
}

void LoggedPair::run() {
  while (!over()) {
    start_due();
    Instant next = Instant::never();
    for (const Restarted* child : {&logger_, &program_})
      if (!ending_ && child->pid == 0) next = std::min(next, child->due);
    wait_for_signal(signals_, next, clock_);
    while (const int signal = signals_.next()) {
      if (signal == SIGCHLD)
        reap();
      else
        pass_on(signal);
    }
  }
}

int LoggedPair::run_logger_alone() {
  start_logger();
  if (logger_.pid == 0) return kExitFatal;
  return become(program_.argv, place_of_program(), signals_, rules_.speaker);
}

void LoggedPair::start_due() {
  if (ending_) return;
  const auto is_due = [&](const Restarted& child) {
    return child.pid == 0 && child.due <= clock_.now().steady;
  };
  // The logger first: what the other says at its start must find a reader.
  if (is_due(logger_)) start_logger();
  if (is_due(program_)) start(program_, place_of_program(), signals_, rules_.speaker, clock_);
}

void LoggedPair::reap() {
  pid_t pid;
  while ((pid = ::waitpid(-1, nullptr, WNOHANG)) > 0)
    for (Restarted* child : {&logger_, &program_}) {
      if (child->pid != pid) continue;
      if (!ending_) {
        ended(*child, rules_.speaker, clock_);
        continue;
      }
      child->pid = 0;
      if (child == &program_) end_input();
    }
}

void LoggedPair::pass_on(int signal) {
  const bool end = signal == SIGTERM || signal == SIGINT;
  if (program_.pid > 0) ::kill(program_.pid, end && rules_.always_by_term ? SIGTERM : signal);
  if (!end) return;
  // What is in the pipe finds a reader, however soon the last one has died.
  if (!ending_ && logger_.pid == 0) start_logger();
  ending_ = true;
  if (program_.pid > 0) ::kill(program_.pid, SIGCONT);
  if (program_.pid == 0 || !rules_.awaits_program) end_input();
}

/// End of file, once nobody writes any more.
void LoggedPair::end_input() {
  reading_.reset();
  writing_.reset();
  if (logger_.pid > 0) ::kill(logger_.pid, SIGCONT);
}

}  // namespace kindred::perp
