// perpboot [-d] [-x] [basedir]: what init starts. Keeps .boot/rc.perp and its logger .boot/rc.log running, a
// pipe between them. Source: interfaces/perp.md section 10.1.

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

#include "compat-perp/programs.h"
#include "compat-perp/words.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/clock.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"
#include "core/sys/signals.h"
#include "core/sys/spawner.h"

namespace kindred::perp {
namespace {

constexpr Usage kUsage{"perpboot", "[-hV] [-d] [-x] [basedir]"};
constexpr Duration kPause = std::chrono::seconds(1);

struct Child {
  const char* script;
  pid_t pid = 0;
  Instant started = Instant::long_ago();
  Instant due = Instant::long_ago();  ///< when it is to be started
};

/// A pipe whose ends no child inherits by accident.
struct Pipe {
  UniqueFd reading, writing;
  static Result<Pipe> make() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return error_here("create", "pipe");
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  }
};

class Boot {
 public:
  Boot(UniqueFd directory, Pipe pipe, UniqueFd null)
      : directory_(std::move(directory)), pipe_(std::move(pipe)), null_(std::move(null)) {}

  Status open() {
    constexpr int kTaken[] = {SIGCHLD, SIGTERM, SIGINT,  SIGHUP,  SIGALRM,
                              SIGQUIT, SIGCONT, SIGTSTP, SIGUSR1, SIGUSR2};
    if (Status opened = spawner_.open({}); !opened) return opened;
    if (Status opened = signals_.open_list(kTaken); !opened) return opened;
    return spawner_.open(signals_.inherited_mask());
  }

  /// Until TERM or INT has brought both to an end.
  int run() {
    while (!over()) {
      start_due();
      wait();
      while (const int signal = signals_.next()) {
        if (signal == SIGCHLD)
          reap();
        else
          pass_on(signal);
      }
    }
    return 0;
  }

  [[nodiscard]] bool start_logger() { return start(log_); }
  [[nodiscard]] int directory() const { return directory_.get(); }
  [[nodiscard]] int writing_end() const { return pipe_.writing.get(); }
  [[nodiscard]] int null() const { return null_.get(); }

 private:
  [[nodiscard]] bool over() const { return ending_ && perp_.pid == 0 && log_.pid == 0; }

  void start_due() {
    // The logger first: what the other says at its start must find a reader.
    for (Child* child : {&log_, &perp_})
      if (!ending_ && child->pid == 0 && child->due <= clock_.now().steady) (void)start(*child);
  }

  bool start(Child& child) {
    const bool logger = &child == &log_;
    const char* const argv[] = {child.script, nullptr};
    const std::string prefix =
        std::string(kUsage.program) + " fatal: failure execve() of " + child.script + ": ";
    SpawnPlan plan;
    plan.file = child.script;
    plan.argv = argv;
    plan.directory = directory_.get();
    plan.input = logger ? pipe_.reading.get() : null_.get();
    plan.output = logger ? null_.get() : pipe_.writing.get();
    plan.extra[0] = {logger ? null_.get() : pipe_.writing.get(), 2};
    plan.failure_prefix = prefix.c_str();
    child.started = clock_.now().steady;
    const Result<pid_t> pid = spawner_.spawn(plan);
    if (pid) {
      child.pid = *pid;
      return true;
    }
    child.due = child.started + kPause;
    print_error({"perpboot warning: failure fork() for ", child.script, ": ", reason(pid.error().code)});
    return false;
  }

  void wait() {
    Instant next = Instant::never();
    for (const Child* child : {&log_, &perp_})
      if (!ending_ && child->pid == 0) next = std::min(next, child->due);
    int milliseconds = -1;
    if (next != Instant::never()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock_.now().steady).count();
      milliseconds = static_cast<int>(std::max<std::int64_t>(left, 0));
    }
    pollfd ready{signals_.fd(), POLLIN, 0};
    (void)poll(&ready, 1, milliseconds);
  }

  void reap() {
    pid_t pid;
    while ((pid = waitpid(-1, nullptr, WNOHANG)) > 0)
      for (Child* child : {&log_, &perp_})
        if (child->pid == pid) ended(*child);
  }

  void ended(Child& child) {
    child.pid = 0;
    const Instant now = clock_.now().steady;
    child.due = now;
    if (ending_) {
      if (&child == &perp_) end_logger();
    } else if (now - child.started < kPause) {
      child.due = now + kPause;
      print_error({"perpboot warning: ", child.script, " did not live for a second"});
    }
  }

  void pass_on(int signal) {
    const bool end = signal == SIGTERM || signal == SIGINT;
    if (end) ending_ = true;
    if (perp_.pid > 0) {
      kill(perp_.pid, signal);
      if (end) kill(perp_.pid, SIGCONT);
    } else if (end) {
      end_logger();
    }
  }

  /// End of file, once nobody writes any more.
  void end_logger() {
    pipe_ = {};
    if (log_.pid > 0) kill(log_.pid, SIGCONT);
  }

  SystemClock clock_;
  Signals signals_;
  SystemSpawner spawner_;
  UniqueFd directory_;
  Pipe pipe_;
  UniqueFd null_;
  Child log_{"./rc.log"}, perp_{"./rc.perp"};
  bool ending_ = false;
};

/// In this process's place.
int become_perp(Boot& boot) {
  if (!boot.start_logger()) return kExitFatal;
  if (fchdir(boot.directory()) != 0 || dup2(boot.null(), 0) < 0 || dup2(boot.writing_end(), 1) < 0 ||
      dup2(boot.writing_end(), 2) < 0)
    return fatal_error(kUsage, "failure preparing ./rc.perp", errno);
  char name[] = "./rc.perp";
  char* argv[] = {name, nullptr};
  execv(name, argv);
  return fatal_error(kUsage, "failure execve() of ./rc.perp", errno);
}

}  // namespace

int perpboot_main(int argc, char** argv) {
  bool detach = false, exec = false;
  Options options(argc, argv, "hVdx", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (const std::optional<int> code = answer_option(kUsage, letter, options)) return *code;
    switch (letter) {
      case 'd':
        detach = true;
        break;
      case 'x':
        exec = true;
        break;
      default:
        break;
    }
  }
  const std::string base = base_operand(options.operands());
  if (detach) {
    const pid_t child = fork();
    if (child < 0) return fatal_error(kUsage, "failure fork()", errno);
    if (child > 0) _exit(0);
    setsid();
  }
  const std::string boot_path = base + "/.boot";
  Result<UniqueFd> directory = open_directory(AT_FDCWD, boot_path.c_str());
  if (!directory) return not_entered(kUsage, boot_path, directory.error());
  UniqueFd null = open_nothing();
  if (!null) return fatal_error(kUsage, "failure opening /dev/null", errno);
  Result<Pipe> pipe = Pipe::make();
  if (!pipe) return fatal_error(kUsage, "failure creating pipe", pipe.error().code);
  if (setenv("PERP_BASE", base.c_str(), 1) != 0)
    return fatal_error(kUsage, "failure setting PERP_BASE", errno);
  Boot boot(std::move(*directory), std::move(*pipe), std::move(null));
  if (Status opened = boot.open(); !opened)
    return fatal_error(kUsage, "failure to begin", opened.error().code);
  return exec ? become_perp(boot) : boot.run();
}

}  // namespace kindred::perp
