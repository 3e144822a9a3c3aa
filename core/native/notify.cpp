// kindred notify: runs a command when a service fails or flaps, and when it is well again.

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "core/base/error_text.h"
#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "core/native/command_line.h"
#include "core/native/notice_rules.h"
#include "core/native/service_changes.h"
#include "core/native/subcommands.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"
#include "core/sys/process.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

constexpr double kPause = 60;
/// A command that takes longer is ended: what comes after it is not to wait.
constexpr int kPatienceMilliseconds = 30'000;

/// Waits for the child; false: it has not ended in time.
bool ended_in_time(pid_t child, int& status) {
  const UniqueFd process = open_process(child);
  if (process) {
    pollfd ready{process.get(), POLLIN, 0};
    if (::poll(&ready, 1, kPatienceMilliseconds) == 0) return false;
  }
  return ::waitpid(child, &status, 0) == child;
}

void run(const std::string& program, const std::string& command, const std::string& line) {
  const auto unable = [&](std::string_view what, int code) {
    print_warning(program, {"unable to ", what, " the command: ", error_text(code)});
  };
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return unable("tell", errno);
  UniqueFd reads(ends[0]), writes(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return unable("fork for", errno);
  if (child == 0) {
    (void)::signal(SIGPIPE, SIG_DFL);
    (void)::setpgid(0, 0);
    (void)::dup2(reads.get(), 0);
    ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  reads.reset();
  // A line is shorter than what a pipe holds; who does not read it has no use for it.
  (void)write_all(writes.get(), line);
  writes.reset();
  int status = 0;
  if (!ended_in_time(child, status)) {
    (void)::kill(-child, SIGKILL);
    (void)::waitpid(child, &status, 0);
    print_warning(program, {"the command took too long and was killed"});
  } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    print_warning(program, {"the command failed"});
  }
}

}  // namespace

int notify_main(int argc, char** argv) {
  double pause = kPause;
  CommandLine line{
      .program = "kindred notify",
      .usage = "kindred notify [--pause SECONDS] COMMAND [NAME|DIR ...]",
      .purpose =
          "Watches services, and runs COMMAND by sh(1), with a line of JSON on its standard input, when\n"
          "one fails or flaps and when it is well again. NAME may be a pattern; DIR is as with\n"
          "kindred status."};
  line.options.add_options()("pause", options::value(&pause)->value_name("SECONDS"),
                             "the shortest time between two messages about one service (60)");
  std::vector<std::string> words;
  if (const auto done = read_words(line, argc, argv, words)) return *done;
  constexpr double kLongest = 86400;
  if (words.empty()) return usage_error(line, "name a command");
  if (pause < 0 || pause > kLongest) return usage_error(line, "--pause is between 0 and 86400");
  const std::string command = words.front();
  words.erase(words.begin());
  const std::optional<WatchedServices> watched = watched_services(line.program, words);
  if (!watched) return kExitFatal;

  ignore_sigpipe();
  const SystemClock clock;
  NoticeRules rules(Duration(static_cast<std::int64_t>(pause * 1e6)));
  StatusReport seen;
  bool is_first = true;
  for (;;) {
    const ServiceChanges changes = look_and_hear(seen, watched->places());
    // They may come to be.
    if (std::exchange(is_first, false))
      for (const StatusError& error : seen.errors)
        print_warning(line.program,
                      {"unable to ", error.operation, " ", printable(error.path), ": ", error.message});
    StatusReport report = seen;
    watched->select(report);
    const Now now = clock.now();
    add_details(report, families(), HostProcesses(), now.wall);
    for (const ServiceNotice& notice : rules.look(report, now.steady))
      run(line.program, command, render_notice(*notice.row, notice.role, notice.event, now.wall));
    // What answers at a door, and a scan directory that comes to be, is found by looking.
    constexpr std::int64_t kLookAgain = 5000;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(rules.due() - clock.now().steady).count();
    const std::int64_t wait =
        rules.due() == Instant::never() ? kLookAgain : std::clamp<std::int64_t>(left + 1, 1, kLookAgain);
    (void)changes.wait(static_cast<int>(wait));
  }
}

}  // namespace kindred
