// kindred status: what runs, whatever supervises it.

#include "core/native/status.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <cstdlib>
#include <sstream>

#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/native/printable.h"
#include "core/native/subcommands.h"
#include "core/sys/clock.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

constexpr std::string_view kProgram = "kindred status";

struct Wishes {
  bool json = false, all = false, help = false;
  std::string color = "auto";
  std::vector<std::string> directories;
};

options::options_description options_for(Wishes& wishes) {
  options::options_description known("Options");
  known.add_options()("json", options::bool_switch(&wishes.json),
                      "for machines; the schema is in kindred(1)")("all", options::bool_switch(&wishes.all),
                                                                   "a row of its own for each log")(
      "color", options::value(&wishes.color)->value_name("WHEN"), "auto (on a terminal), always or never")(
      "help", options::bool_switch(&wishes.help), "this text");
  return known;
}

/// Throws options::error.
Wishes read_wishes(int argc, char** argv) {
  Wishes wishes;
  options::options_description all;
  all.add(options_for(wishes)).add_options()("directory", options::value(&wishes.directories));
  options::positional_options_description operands;
  operands.add("directory", -1);
  // An option that is guessed today may be another one tomorrow.
  using namespace options::command_line_style;
  options::variables_map given;
  options::store(options::command_line_parser(argc, argv)
                     .options(all)
                     .positional(operands)
                     .style(unix_style & ~allow_guessing)
                     .run(),
                 given);
  options::notify(given);
  if (wishes.color != "auto" && wishes.color != "always" && wishes.color != "never")
    throw options::error("--color is auto, always or never");
  return wishes;
}

constexpr std::string_view kUsage =
    "usage: kindred status [--json] [--all] [--color=auto|always|never] [DIR ...]";

std::string help() {
  Wishes unused;
  std::ostringstream text;
  text << kUsage
       << "\n\n"
          "Shows services, whatever supervises them. DIR is a service directory or a\n"
          "directory of such; without one it is $SVDIR, else the first there is of\n"
          "/etc/service, /var/service and /service, else the current directory.\n\n"
       << options_for(unused);
  return text.str();
}

/// The variable's value; nullptr if it is empty or not set.
const char* environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

std::string default_directory() {
  if (const char* chosen = environment("SVDIR")) return chosen;
  struct stat st;
  for (const char* usual : {"/etc/service", "/var/service", "/service"})
    if (stat(usual, &st) == 0) return usual;
  return ".";
}

bool wants_color(const std::string& when) {
  if (when != "auto") return when == "always";
  const char* const terminal = environment("TERM");
  return environment("NO_COLOR") == nullptr && terminal != nullptr && std::string_view(terminal) != "dumb" &&
         isatty(STDOUT_FILENO) == 1;
}

}  // namespace

int status_main(int argc, char** argv) {
  Wishes wishes;
  try {
    wishes = read_wishes(argc, argv);
  } catch (const options::error& problem) {
    print_error({kProgram, ": ", problem.what()});
    print_error({kUsage});
    return kExitUsage;
  }
  Output out;
  if (wishes.help) {
    out.add(help());
    const Status written = out.flush();
    return written ? 0 : fatal(kProgram, written.error());
  }

  if (wishes.directories.empty()) wishes.directories.push_back(default_directory());
  const StatusReport report = gather_status(wishes.directories, families());
  for (const StatusError& error : report.errors)
    print_error({kProgram, ": unable to ", error.operation, " ", printable(error.path), ": ", error.message});

  const WallTime now = SystemClock().now().wall;
  out.add(wishes.json ? render_json(report, now)
                      : render_table(report.services, now, {wants_color(wishes.color), wishes.all}));
  const Status written = out.flush();
  if (!written) return fatal(kProgram, written.error());
  return report.errors.empty() ? 0 : kExitFatal;
}

}  // namespace kindred
