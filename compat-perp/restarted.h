#pragma once
// Programs that are started again whenever they end: alone, or two with a pipe between them.
// Source: interfaces/perp.md sections 10.1, 13.4 and 13.5.

#include <signal.h>
#include <sys/types.h>

#include <array>
#include <span>
#include <string_view>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/sys/clock.h"
#include "core/sys/signals.h"
#include "core/sys/unique_fd.h"

namespace kindred::perp {

/// What such a program's keeper is told by signals; SIGCHLD is not among them.
inline constexpr std::array kTold = {SIGTERM, SIGINT,  SIGHUP,  SIGALRM, SIGQUIT,
                                     SIGCONT, SIGTSTP, SIGUSR1, SIGUSR2};

/// How its keeper speaks: "PROG warning: …", or "PROG: warning: …".
struct Speaker {
  std::string_view program;
  std::string_view after;  ///< between the name and the severity
};

/// A program that is started a second after its last start at the earliest.
struct Restarted {
  char* const* argv;  ///< the file first, searched for in PATH unless it has a slash
  pid_t pid = 0;
  Instant started = Instant::long_ago();
  Instant due = Instant::long_ago();
};

/// What its descriptors 0, 1 and 2 become, and its working directory; -1: what they are.
struct ChildPlace {
  int input = -1, output = -1, errors = -1;
  int directory = -1;
};

/// Takes kTold and SIGCHLD.
[[nodiscard]] Status open_told(Signals& signals);

/// Nothing, with a warning, where no process can be made: it is due in a second.
void start(Restarted& child, const ChildPlace& place, const Signals& signals, const Speaker& speaker,
           const Clock& clock);
/// It has ended: `child` has no process, and is due.
void ended(Restarted& child, const Speaker& speaker, const Clock& clock);
/// This process becomes it. Returns only on failure, which it has told: the exit code.
[[nodiscard]] int become(char* const* argv, const ChildPlace& place, const Signals& signals,
                         const Speaker& speaker);
/// Returns with a signal, or when it is time.
void wait_for_signal(const Signals& signals, Instant due, const Clock& clock);

/// A program and its logger, which keep the pipe between them: what one has written is read by the next of the other.
class LoggedPair {
 public:
  struct Rules {
    Speaker speaker;
    bool with_errors = false;     ///< the program's errors go into the pipe, too
    bool awaits_program = false;  ///< TERM and INT: the logger's input ends after the program has
    bool always_by_term = false;  ///< … and both are TERM to the program
    int elsewhere = -1;           ///< what other standard descriptors become; -1: what they are
    int directory = -1;
  };
  LoggedPair(char* const* program, char* const* logger, const Rules& rules)
      : rules_(rules), program_{program}, logger_{logger} {}

  [[nodiscard]] Status open();
  /// Until TERM or INT has brought them to an end.
  void run();
  /// The logger is a child, and this process becomes the program. Returns only on failure: the exit code.
  [[nodiscard]] int run_logger_alone();

 private:
  [[nodiscard]] bool over() const;
  void start_due();
  void start_logger();
  void reap();
  void pass_on(int signal);
  void end_input();
  [[nodiscard]] ChildPlace place_of_program() const;

  Rules rules_;
  SystemClock clock_;
  Signals signals_;
  UniqueFd reading_, writing_;
  Restarted program_, logger_;
  bool ending_ = false;
};

}  // namespace kindred::perp
