// runsvdir [-P] DIR [LOG]. Source: interfaces/runit.md section 7.

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <optional>

#include "compat-runit/dialect.h"
#include "compat-runit/programs.h"
#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/cli/title_window.h"
#include "core/dialect/registry.h"
#include "core/engine/scanner.h"
#include "core/keeper/handover.h"
#include "core/sys/unique_fd.h"

namespace kindred::runit {
namespace {

constexpr int kExitCannotBegin = 100;

// 7.4: `log: ` stays by convention, the rest scrolls.
constexpr TitleRules kLogTitle{.minimum = 7, .kept = 5, .blank = false};

int usage() {
  print_error({"usage: runsvdir [-P] dir\n"});
  return 1;
}

}  // namespace

int runsvdir_main(int argc, char** argv) {
  ScannerOptions options;
  options.home = &dialect();
  options.families = families();
  options.leave_signal = SIGTERM;
  options.end_signal = SIGHUP;
  options.rescan_signal = SIGALRM;
  options.rescan_record = ".forced-rescan";
  int next = 1;
  // 7: only a first `--` is none, and what else begins with a dash is the directory.
  if (next < argc && std::strcmp(argv[next], "-P") == 0) {
    options.own_session = true;
    ++next;
  } else if (next < argc && std::strcmp(argv[next], "--") == 0) {
    ++next;
  }
  if (next >= argc || *argv[next] == '\0') return usage();
  options.directory = argv[next++];

  auto fail = [&](const Error& error) {
    print_error({"runsvdir ", options.directory, ": fatal: unable to ", error.operation, " ", error.object,
                 ": ", error_text(error.code)});
    return kExitCannotBegin;
  };
  auto warn = [&](const char* text) { print_error({"runsvdir ", options.directory, ": warning: ", text}); };

  std::optional<TitleWindow> title;
  UniqueFd reading, writing;
  if (next < argc) {
    char* area = argv[next];
    if (!TitleWindow::fits(area, kLogTitle)) {
      warn("log must have at least seven characters.");
      warn("log service disabled.");
    } else {
      // In an earlier program's place there is one already, into which services write.
      reading = take_handed_reader(STDERR_FILENO);
      if (reading) {
        writing.reset(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
      } else {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return fail(error_here("create", "log pipe"));
        reading.reset(ends[0]);
        writing.reset(ends[1]);
      }
      // Our own end must not make us wait when a wake-up was for nothing.
      ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);
      title.emplace(std::span(area, std::strlen(area)), kLogTitle);
      options.core_errors = writing.get();
      options.watched = reading.get();
      options.on_watched = [&title, &reading] {
        char bytes[1024];
        const ssize_t got = ::read(reading.get(), bytes, sizeof bytes);
        if (got > 0) title->push({bytes, static_cast<std::size_t>(got)});
      };
      // So that old text scrolls away.
      options.on_quarter_hour = [&title] { title->push("."); };
    }
  }
  return run_scanner(options, fail);
}

}  // namespace kindred::runit
