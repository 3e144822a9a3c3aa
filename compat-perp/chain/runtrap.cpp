// runtrap: a program that is started again when it ends, and another that is run for each signal.
// Source: interfaces/perp.md section 13.5.

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "compat-perp/chain/parse.h"
#include "compat-perp/chain/programs.h"
#include "compat-perp/chain/words.h"
#include "compat-perp/restarted.h"
#include "compat-perp/words.h"
#include "core/base/signal_name.h"
#include "core/cli/output.h"
#include "core/cli/program.h"

namespace kindred::perp {
namespace {

class Trap {
 public:
  /// `words`: an identity, the trapper, the program and its arguments.
  Trap(std::string_view program, char** words) : speaker_{program, ": "}, words_(words), child_{words + 2} {}

  Status open() { return open_told(signals_); }

  /// Until the program has ended after TERM.
  void run() {
    while (!(ending_ && child_.pid == 0)) {
      if (!ending_ && child_.pid == 0 && child_.due <= clock_.now().steady)
        start(child_, {}, signals_, speaker_, clock_);
      wait_for_signal(signals_, child_.pid == 0 ? child_.due : Instant::never(), clock_);
      while (const int signal = signals_.next()) {
        if (signal == SIGCHLD)
          reap();
        else if (!ending_)
          trap(signal);
      }
    }
  }

 private:
  void reap() {
    pid_t pid;
    while ((pid = ::waitpid(-1, nullptr, WNOHANG)) > 0)
      if (pid == child_.pid) ended(child_, speaker_, clock_);
  }

  void trap(int signal) {
    ending_ = signal == SIGTERM;
    // Without a program there is nothing to do; and a trapper that sends its signal to pid 0 would hit us.
    if (child_.pid == 0) return;
    std::string pid = std::to_string(child_.pid), number = std::to_string(signal),
                name = std::string("SIG") + signal_name(signal), verb = "trap";
    char* argv[] = {words_[1], verb.data(), words_[0], pid.data(), number.data(), name.data(), nullptr};
    Restarted trapper{argv};
    start(trapper, {}, signals_, speaker_, clock_);
    if (trapper.pid == 0) return;
    while (::waitpid(trapper.pid, nullptr, 0) == -1 && errno == EINTR) {
    }
  }

  SystemClock clock_;
  Signals signals_;
  Speaker speaker_;
  char** words_;
  Restarted child_;
  bool ending_ = false;
};

}  // namespace

ChainRequest parse_runtrap(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "hV", Options::Complaint::Kept);
  if (auto answer = answer_options(argv, options)) return std::move(*answer);
  ChainRequest request;
  request.program = options.operands();
  request.needs_no_program = true;
  if (request.program.size() < 3) return misuse(argv, kMissing);
  return request;
}

int runtrap_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  const ChainRequest request = parse_runtrap(argc, argv, Environment(environ));
  if (request.misused) return tell(request, kRuntrapUsage);
  // main()'s own words, which end with null.
  Trap trap(program, argv + (argc - static_cast<int>(request.program.size())));
  if (const Status opened = trap.open(); !opened)
    return fatal(program, {"unable to ", opened.error().operation, ": ", reason_text(opened.error().code)});
  trap.run();
  return 0;
}

}  // namespace kindred::perp
