// kindred control: changes what a running `kindred scan` does.

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <cerrno>
#include <csignal>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/error_text.h"
#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/engine/control_socket.h"
#include "core/engine/process_table.h"
#include "core/engine/run_directory.h"
#include "core/keeper/handover.h"
#include "core/native/subcommands.h"
#include "core/native/targets.h"
#include "core/native/time_words.h"
#include "core/service/describe.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

constexpr const char* kProgram = "kindred control";

int usage(const std::string& problem) {
  print_error({kProgram, ": ", problem});
  print_error({"usage: kindred control --run-dir DIR --views all|none|FAMILY,..."});
  print_error({"       kindred control [--run-dir DIR] --upgrade"});
  print_error({"       kindred control [--run-dir DIR] --trace NAME ..."});
  return kExitUsage;
}

constexpr int kLooks = 1000, kPause = 10;  // milliseconds

bool send_signal(const KeeperFound& keeper, int signal) {
  if (!keeper.process) return ::kill(keeper.keeper, signal) == 0;
  return ::syscall(SYS_pidfd_send_signal, keeper.process.get(), signal, nullptr, 0) == 0;
}

bool has_another_core(const std::string& run_directory, const KeeperFound& before) {
  for (const KeeperFound& now : find_keepers(run_directory))
    if (now.keeper == before.keeper && now.core != before.core) return true;
  return false;
}

/// Every supervisor that keeps its tables there.
int upgrade(const std::string& run_directory) {
  const std::vector<KeeperFound> keepers = find_keepers(run_directory);
  if (keepers.empty()) return fatal(kProgram, {"there is no supervisor in ", run_directory});
  int code = 0;
  for (const KeeperFound& keeper : keepers)
    if (!send_signal(keeper, upgrade_signal())) {
      code = kExitFatal;
      print_error(
          {kProgram, ": unable to signal process ", std::to_string(keeper.keeper), ": ", error_text(errno)});
    }
  for (const KeeperFound& keeper : keepers) {
    int looks = 0;
    bool has_ended = false;
    pollfd end{keeper.process.get(), POLLIN, 0};
    while (!has_another_core(run_directory, keeper) && !has_ended && ++looks < kLooks)
      has_ended = ::poll(&end, 1, kPause) > 0;
    if (looks < kLooks && !has_ended) continue;
    code = kExitFatal;
    print_error({kProgram, ": process ", std::to_string(keeper.keeper),
                 has_ended ? " has ended" : " has no new core"});
  }
  return code;
}

/// A log that has no directory of its own is told of with its main.
void add_traces(const std::string& run_directory, const Target& target, Output& out) {
  const std::string path = target.service.path() + (target.log ? "/log" : "");
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, path.c_str());
  const std::optional<ServiceIdentity> service =
      directory ? service_identity(directory->get()) : std::nullopt;
  const std::vector<TraceFound> found =
      service ? find_traces(run_directory, *service) : std::vector<TraceFound>();
  constexpr std::uint64_t kThousand = 1000;
  constexpr std::uint32_t kMillion = 1'000'000;
  constexpr std::size_t kToTheMillisecond = sizeof "YYYY-MM-DD HH:MM:SS.mmm" - 1;
  LocalTimeText local;
  for (const TraceFound& role : found) {
    out.add(printable(target.label)).add(role.role == Role::Log && !target.log ? "/log\n" : "\n");
    for (const TraceEntry& entry : role.trace.read()) {
      const WallTime at{static_cast<std::int64_t>(entry.milliseconds / kThousand),
                        static_cast<std::uint32_t>(entry.milliseconds % kThousand) * kMillion};
      out.add("  ").add(local.of(at).substr(0, kToTheMillisecond)).add("  ");
      out.add(trace_words(entry)).add("\n");
    }
  }
  if (!found.empty()) return;
  out.add(printable(target.label))
      .add("\n  nothing is known: no supervisor of ")
      .add(printable(run_directory));
  out.add(" has it\n");
}

int tell_traces(const std::string& run_directory, const std::vector<std::string>& names) {
  const Result<UniqueFd> place = open_directory(AT_FDCWD, run_directory.c_str());
  if (!place && place.error().code != ENOENT)
    return fatal(kProgram, {"unable to open ", run_directory, ": ", error_text(place.error().code)});
  int troubles = 0;
  Surveyor surveyor(families());
  Output out;
  for (const Target& target : find_targets(kProgram, {names, false}, usual_places(), surveyor, troubles))
    add_traces(run_directory, target, out);
  return out.flush() && troubles == 0 ? 0 : kExitFatal;
}

}  // namespace

int control_main(int argc, char** argv) {
  options::options_description known(
      "kindred control --run-dir DIR --views all|none|FAMILY,...\n"
      "kindred control [--run-dir DIR] --upgrade\n"
      "kindred control [--run-dir DIR] --trace NAME ...\n\n"
      "Changes what runs, while its services go on\n\nOptions");
  known.add_options()("run-dir", options::value<std::string>(), "as it was given to kindred scan")(
      "views", options::value<std::string>(), "the view trees that there are to be from now on")(
      "upgrade",
      "has every supervisor of that run directory (by default the system's, or the user's) become the "
      "version that is installed now, while its services run")(
      "trace", options::value<std::vector<std::string>>()->multitoken(),
      "tells what has happened to these services lately: paths, names or patterns, NAME/log for a log")(
      "help", "this text");
  options::variables_map given;
  try {
    options::store(options::command_line_parser(argc, argv).options(known).positional({}).run(), given);
  } catch (const options::too_many_positional_options_error&) {
    return usage("words without an option before them mean nothing here");
  } catch (const options::error& problem) {
    return usage(problem.what());
  }
  if (given.contains("help")) {
    Output out;
    std::ostringstream text;
    text << known << "\n";
    out.add(text.str());
    return out.flush() ? 0 : kExitFatal;
  }
  if (given.count("upgrade") + given.count("views") + given.count("trace") > 1)
    return usage("--upgrade, --views and --trace are asked for one by one");
  if (!given.contains("views") && (given.contains("upgrade") || given.contains("trace"))) {
    const std::string where =
        given.contains("run-dir") ? given["run-dir"].as<std::string>() : default_run_directory();
    if (given.contains("upgrade")) return upgrade(where);
    return tell_traces(where, given["trace"].as<std::vector<std::string>>());
  }
  if (!given.contains("run-dir") || !given.contains("views"))
    return usage("--run-dir and --views are needed");
  const std::string run_directory = given["run-dir"].as<std::string>();
  const Result<std::string> answer = ask_host(run_directory, "views " + given["views"].as<std::string>());
  if (!answer)
    return fatal(kProgram, {"unable to ask the scan of ", run_directory, ": ", answer.error().operation, " ",
                            answer.error().object, ": ", error_text(answer.error().code)});
  if (*answer == "ok") return 0;
  return fatal(kProgram, {"unable to change the views of ", run_directory, ": ", *answer});
}

}  // namespace kindred
