// kindred control: changes what a running `kindred scan` does.

#include <boost/program_options.hpp>
#include <sstream>
#include <string>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/native/control_socket.h"
#include "core/native/subcommands.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

constexpr const char* kProgram = "kindred control";

int usage(const std::string& problem) {
  print_error({kProgram, ": ", problem});
  print_error({"usage: kindred control --run-dir DIR --views all|none|FAMILY,..."});
  return kExitUsage;
}

}  // namespace

int control_main(int argc, char** argv) {
  options::options_description known(
      "kindred control --run-dir DIR --views all|none|FAMILY,...\n\n"
      "Changes what the kindred scan of that run directory does, while its services run\n\nOptions");
  known.add_options()("run-dir", options::value<std::string>(), "as it was given to kindred scan")(
      "views", options::value<std::string>(), "the view trees that there are to be from now on")("help",
                                                                                                 "this text");
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
