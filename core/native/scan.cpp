// kindred scan: supervise a directory in the foreground, services of every family side by side.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/error_text.h"
#include "core/base/number.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/engine/host.h"
#include "core/engine/run_directory.h"
#include "core/engine/stop_timeout.h"
#include "core/keeper/keeper.h"
#include "core/native/subcommands.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

constexpr const char* kProgram = "kindred scan";

/// Where each directory decides for itself, so does its family; what goes is stopped, since nobody else knows
/// of it.
constexpr ScanRules kMixedRules{.scanner = "kindred scan",
                                .warning = "kindred scan: warning: unable to {what}: {why}",
                                .pairing = LogPairing::None,
                                .removed_is_stopped = true,
                                .restart_after = std::chrono::seconds(5),
                                .settle = std::chrono::seconds(1)};

/// What a service manager or a container engine has ignored or blocked for itself is no service's affair. INT
/// and HUP that are ignored stay so: a shell and nohup(1) mean the services too.
constexpr SignalInheritance kCleanSignals{.at_default = {SIGCHLD, SIGPIPE, SIGTERM}, .nothing_blocked = true};

constexpr Duration kStopTimeout = std::chrono::seconds(30);

/// What is beside the scan directory itself.
struct Surroundings {
  Duration stop_timeout;
  std::string run_directory;  ///< empty: none was given
  std::vector<const Dialect*> views;
};

/// What a service has left for whoever waits for the container: a number up to 255, and nothing else in the file.
/// Without such a file, 0.
int exit_code_in(const std::string& path) {
  constexpr std::size_t kLongest = 5;
  const Result<std::string> text = read_file(AT_FDCWD, path.c_str(), kLongest);
  if (!text && text.error().code == ENOENT) return 0;
  std::string_view number = text ? std::string_view(*text) : std::string_view();
  if (number.ends_with('\n')) number.remove_suffix(1);
  if (const auto code = parse_unsigned<std::uint8_t>(number)) return *code;
  print_warning(kProgram, {"no exit code in ", path});
  return 0;
}

Status supervise(ScanOptions scan_options, const Surroundings& around) {
  Host host(scan_options.home != nullptr ? scan_options.home->inheritance : kCleanSignals);
  if (Status opened = host.open(Host::Services::Many, {SIGTERM}, {SIGINT, SIGHUP}); !opened) return opened;
  ScanDirectory scan(host.loop(), host.supervisor(), std::move(scan_options));
  StopTimeout timeout(host.loop(), scan, kProgram);
  if (!around.run_directory.empty())
    if (Status opened = host.open_doors(scan, families(), around.run_directory, around.views); !opened)
      return opened;
  scan.begin();
  scan_until_ended(
      host, scan,
      {.ending = [&] { timeout.arm(around.stop_timeout); }, .is_over = [&] { return timeout.over(); }});
  return host.close_doors();
}

/// The directory and all above it. By plain calls: a library that asks statx takes its refusal for an
/// answer. Errors: errno.
int create_directories(const std::string& path) {
  for (std::size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1))
    (void)::mkdir(path.substr(0, end).c_str(), 0777);
  if (::mkdir(path.c_str(), 0777) == 0) return 0;
  const int error = errno;
  struct stat st;
  return ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode) ? 0 : error;
}

int usage(const std::string& problem) {
  print_error({kProgram, ": ", problem});
  print_error(
      {"usage: kindred scan [--home FAMILY] [--views all|FAMILY,...] [--run-dir DIR] "
       "[--stop-timeout SECONDS] [--exit-code FILE] SCANDIR"});
  return kExitUsage;
}

}  // namespace

int scan_main(int argc, char** argv) {
  options::options_description known(
      "kindred scan [options] SCANDIR\n\n"
      "Supervises every directory in SCANDIR, in the foreground. TERM or INT stops the\n"
      "services, each log after its main, and ends with 0; HUP looks at once\n\nOptions");
  known.add_options()("home", options::value<std::string>(),
                      "the family of all services; without it each directory's shape decides")(
      "run-dir", options::value<std::string>(), "where kindred keeps what it needs while it runs")(
      "views", options::value<std::string>(),
      "all, or families with commas between: in whose dialects services are shown besides, below "
      "RUN-DIR/views")(
      "stop-timeout",
      options::value<unsigned>()->default_value(static_cast<unsigned>(
          (::getpid() == 1 ? kStopTimeoutOfProcess1 : kStopTimeout) / std::chrono::seconds(1))),
      "seconds before what has not stopped is killed")("exit-code", options::value<std::string>(),
                                                       "the number in this file, which a service may leave "
                                                       "there, is the exit code; it is removed at the start")(
      "help", "this text");
  options::options_description all;
  all.add(known).add_options()("directory", options::value<std::vector<std::string>>());
  options::positional_options_description operands;
  operands.add("directory", -1);
  options::variables_map given;
  try {
    options::store(options::command_line_parser(argc, argv).options(all).positional(operands).run(), given);
  } catch (const options::error& problem) {
    return usage(problem.what());
  }
  if (given.contains("help")) {
    Output out;
    std::ostringstream text;
    text << known;
    out.add(text.str());
    return out.flush() ? 0 : kExitFatal;
  }
  if (!given.contains("directory") || given["directory"].as<std::vector<std::string>>().size() != 1)
    return usage("one scan directory is needed");

  ScanOptions scan;
  scan.path = given["directory"].as<std::vector<std::string>>().front();
  scan.rules = kMixedRules;
  scan.families = families();
  scan.seen_in_directories = true;
  if (given.contains("home")) {
    const std::string home = given["home"].as<std::string>();
    scan.home = find_family(families(), home);
    if (scan.home == nullptr) return usage("there is no family " + home);
  }
  Surroundings around{std::chrono::seconds(given["stop-timeout"].as<unsigned>()), {}, {}};
  const char* const asked = std::getenv(kViewsVariable);
  if (given.contains("views") && !given.contains("run-dir"))
    return usage("--views needs --run-dir, below which views are shown");
  if (given.contains("views") || asked != nullptr) {
    auto views = parse_views(families(), given.contains("views") ? given["views"].as<std::string>() : asked);
    if (!views) return usage("there is no family " + views.error().object);
    around.views = std::move(*views);
  }
  struct stat st;
  const int missing = ::stat(scan.path.c_str(), &st) != 0 ? errno : S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
  if (missing != 0)
    return fatal(kProgram, {"unable to open directory ", scan.path, ": ", error_text(missing)});
  if (given.contains("run-dir") || asked != nullptr) {
    const std::string run_directory =
        given.contains("run-dir") ? given["run-dir"].as<std::string>() : default_run_directory();
    ::unsetenv(kViewsVariable);
    if (const int failed = create_directories(run_directory); failed != 0)
      return fatal(kProgram, {"unable to create ", run_directory, ": ", error_text(failed)});
    ::setenv("KINDRED_RUN_DIR", run_directory.c_str(), 1);
    around.run_directory = run_directory;
  }
  const std::string exit_code = given.contains("exit-code") ? given["exit-code"].as<std::string>() : "";
  // What was left for somebody else.
  if (!exit_code.empty() && ::unlink(exit_code.c_str()) != 0 && errno != ENOENT)
    return fatal(kProgram, {"unable to remove ", exit_code, ": ", error_text(errno)});
  constexpr int kSignals[] = {SIGTERM, SIGINT, SIGHUP};
  const std::string path = scan.path;
  return keep({.signals = kSignals, .title = path.c_str()}, [&] {
    const Status result = supervise(scan, around);
    if (result) return exit_code.empty() ? 0 : exit_code_in(exit_code);
    const Error& error = result.error();
    if (error.code == EAGAIN && error.operation == "lock")
      return fatal(kProgram, {"another kindred scan uses the run directory ", error.object});
    return fatal(kProgram, error);
  });
}

}  // namespace kindred
