// kindred control: changes what a running `kindred scan` does.

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
#include "core/cli/output.h"
#include "core/engine/process_table.h"
#include "core/engine/run_directory.h"
#include "core/keeper/handover.h"
#include "core/native/control_socket.h"
#include "core/native/subcommands.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

constexpr const char* kProgram = "kindred control";

int usage(const std::string& problem) {
  print_error({kProgram, ": ", problem});
  print_error({"usage: kindred control --run-dir DIR --views all|none|FAMILY,..."});
  print_error({"       kindred control [--run-dir DIR] --upgrade"});
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

}  // namespace

int control_main(int argc, char** argv) {
  options::options_description known(
      "kindred control --run-dir DIR --views all|none|FAMILY,...\n"
      "kindred control [--run-dir DIR] --upgrade\n\n"
      "Changes what runs, while its services go on\n\nOptions");
  known.add_options()("run-dir", options::value<std::string>(), "as it was given to kindred scan")(
      "views", options::value<std::string>(), "the view trees that there are to be from now on")(
      "upgrade",
      "has every supervisor of that run directory (by default the system's, or the user's) become the "
      "version that is installed now, while its services run")("help", "this text");
  options::variables_map given;
  try {
    options::store(options::command_line_parser(argc, argv).options(known).positional({}).run(), given);
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
  if (given.contains("upgrade")) {
    if (given.contains("views")) return usage("--upgrade and --views are asked for one by one");
    return upgrade(given.contains("run-dir") ? given["run-dir"].as<std::string>() : default_run_directory());
  }
  if (!given.contains("run-dir") || !given.contains("views"))
    return usage("--run-dir and --views are needed");
  const std::string run_directory = given["run-dir"].as<std::string>();
  const Result<std::string> answer = ask_scan(run_directory, "views " + given["views"].as<std::string>());
  if (!answer)
    return fatal(kProgram, {"unable to ask the scan of ", run_directory, ": ", answer.error().operation, " ",
                            answer.error().object, ": ", error_text(answer.error().code)});
  if (*answer == "ok") return 0;
  return fatal(kProgram, {"unable to change the views of ", run_directory, ": ", *answer});
}

}  // namespace kindred
