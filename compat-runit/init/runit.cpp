// runit: process 1. Runs the stages, reaps whatever ends, and takes the system down. Source: interfaces/runit.md section
// 13.2.

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "compat-runit/init/programs.h"
#include "compat-runit/init/stages.h"
#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/sys/clock.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"
#include "core/sys/line.h"
#include "core/sys/machine.h"
#include "core/sys/signals.h"

namespace kindred::runit {
namespace {

constexpr const char* kConsole = "/dev/console";
constexpr const char* kKeysScript = "/etc/runit/ctrlaltdel";
constexpr const char* kNoSyncFile = "/etc/runit/nosync";
constexpr Duration kPatience = std::chrono::seconds(5);
// As shells and container engines tell of an end by HUP, which is what a namespace's reboot looks like from outside.
constexpr int kExitReboots = 128 + SIGHUP;

/// One line on the console, or where standard error leads. A terminal that is stopped is not waited for.
void tell(std::initializer_list<std::string_view> parts) {
  Line line("- runit: ");
  for (const std::string_view part : parts) line.add(part);
  line.add("\n");
  const UniqueFd console(open(kConsole, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  const iovec whole{const_cast<char*>(line.c_str()), line.view().size()};
  write_without_waiting(console ? console.get() : STDERR_FILENO, {&whole, 1});
}

bool has_execute_bit(const char* path) {
  struct stat st;
  return stat(path, &st) == 0 && (st.st_mode & S_IXUSR) != 0;
}

/// It is not waited for, but what is written to it later is. Errors: errno.
UniqueFd open_console(int access) {
  UniqueFd console(open(kConsole, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (console && fcntl(console.get(), F_SETFL, 0) != 0) console.reset();
  return console;
}

void take_console() {
  const UniqueFd console = open_console(O_WRONLY);
  if (!console) return;
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) dup2(console.get(), fd);
}

enum class Session : bool { Ours, Own };

[[noreturn]] void become(const char* path, Session session, bool reads_console) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // What wakes process 1 is not to wake them.
  signal(SIGCONT, SIG_IGN);
  if (session == Session::Own) setsid();
  if (reads_console) {
    const UniqueFd console = open_console(O_RDWR);
    if (!console || dup2(console.get(), STDIN_FILENO) == -1)
      tell({"warning: unable to open ", kConsole, ": ", error_text(errno)});
  }
  tell({"enter stage: ", path});
  char* const argv[] = {const_cast<char*>(path), nullptr};
  execve(path, argv, environ);
  tell({"fatal: unable to start child: ", path, ": ", error_text(errno)});
  // It counts as done.
  _exit(0);
}

class FirstProcess {
 public:
  Status open();
  /// Returns the exit code where the machine cannot be stopped from here.
  int run();

 private:
  enum Asked : unsigned { kLook = 1, kKeys = 2, kPowerFails = 4 };

  /// Waits for signals and takes them, and all children that have ended.
  void wait(Instant until = Instant::never());
  void pause() {
    for (const Instant until = now() + kPatience; now() < until;) wait(until);
  }
  [[nodiscard]] Instant now() const { return clock_.now().steady; }
  /// Waits until it runs.
  void start(const char* path, Session session, bool reads_console = false);
  [[nodiscard]] AfterStage run_stage(Stage stage);
  /// Whether stage 2 is to end.
  [[nodiscard]] bool is_asked_to_end();
  [[nodiscard]] bool take(Asked which) { return std::exchange(asked_, asked_ & ~which) & which; }
  void run_keys_script();
  void end_child();
  int stop_machine();

  Signals signals_;
  SystemClock clock_;
  unsigned asked_ = 0;
  pid_t child_ = 0;   ///< the stage
  pid_t helper_ = 0;  ///< what is run beside it; 0: it has ended
  std::optional<int> child_status_;
};

Status FirstProcess::open() {
  setsid();
  (void)take_missing_standard_descriptors();
  take_console();
  take_restart_keys();
  return signals_.open({SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGPIPE, SIGPWR, SIGTERM}, {});
}

void FirstProcess::wait(Instant until) {
  constexpr auto kLongest = std::chrono::hours(1);
  int time = -1;
  if (until != Instant::never())
    time = static_cast<int>(
        std::clamp<Duration>(until - now(), Duration{0}, kLongest) / std::chrono::milliseconds(1) + 1);
  pollfd ready{signals_.fd(), POLLIN, 0};
  poll(&ready, 1, time);
  while (const int signal = signals_.next()) {
    if (signal == SIGCONT) asked_ |= kLook;
    if (signal == SIGINT) asked_ |= kKeys;
    if (signal == SIGPWR) asked_ |= kPowerFails;
  }
  int status = 0;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == child_) child_status_ = status;
    if (pid == helper_) helper_ = 0;
  }
}

void FirstProcess::start(const char* path, Session session, bool reads_console) {
  child_status_.reset();
  while ((child_ = fork()) == -1) {
    tell({"warning: unable to fork for ", path, ": ", error_text(errno), ", pausing."});
    pause();
  }
  if (child_ == 0) become(path, session, reads_console);
}

void FirstProcess::run_keys_script() {
  helper_ = fork();
  if (helper_ == 0) become(kKeysScript, Session::Ours, false);
  if (helper_ == -1) tell({"warning: unable to fork for ", kKeysScript, ": ", error_text(errno)});
  while (helper_ > 0) wait();
  helper_ = 0;
}

bool FirstProcess::is_asked_to_end() {
  if (take(kPowerFails)) return true;
  bool looks = take(kLook);
  if (take(kKeys) && has_execute_bit(kKeysScript)) {
    tell({"ctrl-alt-del request..."});
    run_keys_script();
    looks = true;
  }
  if (!looks || !has_execute_bit(kStopFile)) return false;
  chmod(kStopFile, 0);
  return true;
}

void FirstProcess::end_child() {
  kill(child_, SIGTERM);
  for (const Instant until = now() + kPatience; !child_status_ && now() < until;) wait(until);
  if (child_status_) return;
  tell({"warning: stage 2 not terminated, sending sigkill..."});
  kill(child_, SIGKILL);
  // What hangs in the kernel is left there.
  for (const Instant until = now() + kPatience; !child_status_ && now() < until;) wait(until);
}

AfterStage FirstProcess::run_stage(Stage stage) {
  const char* const path = path_of(stage);
  // A first stage may have made it.
  take_console();
  start(path, stage == Stage::One ? Session::Ours : Session::Own, stage == Stage::One);
  bool told_to_end = false;
  while (!child_status_ && !told_to_end) {
    wait();
    if (stage != Stage::Two) {
      if (std::exchange(asked_, 0) != 0) tell({"warning: signals only work in stage 2."});
    } else if (!child_status_ && is_asked_to_end()) {
      told_to_end = true;
      if (!child_status_) end_child();
    }
  }
  const AfterStage next = after(stage, child_status_.value_or(0), told_to_end);
  if (next.end == StageEnd::Failed) tell({"warning: child failed: ", path});
  if (next.end == StageEnd::Crashed) tell({"warning: child crashed: ", path});
  if (next.next == stage) {
    tell({"warning: killing all processes in stage 2..."});
    kill(-child_, SIGKILL);
    pause();
    tell({"warning: restarting."});
    return next;
  }
  tell({"leave stage: ", path});
  if (stage == Stage::One && next.next == Stage::Three) tell({"warning: skipping stage 2..."});
  return next;
}

int FirstProcess::stop_machine() {
  tell({"sending KILL signal to all processes..."});
  kill(-1, SIGKILL);
  const bool reboots = has_execute_bit(kRebootFile);
  if (access(kNoSyncFile, F_OK) != 0) sync();
  tell({reboots ? "system reboot." : "power off..."});
  int refused = end_machine(reboots ? MachineEnd::Restart : MachineEnd::PowerOff);
  if (!reboots && refused != EPERM) {
    constexpr unsigned kSwitchTakes = 2;
    sleep(kSwitchTakes);
    tell({"system halt."});
    refused = end_machine(MachineEnd::Halt);
  }
  // A container that may not stop machines is over with its process 1; a machine's must not end.
  while (refused != EPERM) wait();
  return reboots ? kExitReboots : 0;
}

int FirstProcess::run() {
  tell({"$Id: kindred ", KINDRED_VERSION, " $: booting."});
  for (std::optional<Stage> stage = Stage::One; stage;) stage = run_stage(*stage).next;
  return stop_machine();
}

}  // namespace

int runit_main(int, char**) {
  if (getpid() != 1) {
    print_error({"- runit: fatal: must be run as process no 1."});
    return kExitFatal;
  }
  FirstProcess process;
  if (const Status opened = process.open(); !opened) {
    // Nothing can be done without, but the kernel does not forgive an end.
    tell({"fatal: unable to ", opened.error().operation, " ", opened.error().object, ": ",
          error_text(opened.error().code)});
    return kExitFatal;
  }
  return process.run();
}

}  // namespace kindred::runit
