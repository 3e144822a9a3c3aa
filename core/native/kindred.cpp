// The native command: kindred SUBCOMMAND …. The only place that knows Boost.Program_options.

#include <exception>
#include <string_view>

#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/keeper/handover.h"
#include "core/keeper/keeper.h"
#include "core/native/subcommands.h"

namespace {

struct Subcommand {
  std::string_view name;
  int (*main)(int, char**);
  std::string_view summary;
};

constexpr Subcommand kSubcommands[] = {
    {"check", kindred::check_main, "tell what is wrong with service directories"},
    {"continue", kindred::act_main, "let paused services go on"},
    {"control", kindred::control_main, "change what a running scan does"},
    {"convert", kindred::convert_main, "write service directories as another family's"},
    {"disable", kindred::enable_main, "have services not started by themselves"},
    {"enable", kindred::enable_main, "have services started by themselves"},
    {"log", kindred::log_main, "show what services have written"},
    {"metrics", kindred::metrics_main, "tell of services in numbers, for Prometheus"},
    {"once", kindred::act_main, "start services that are not to be restarted"},
    {"pause", kindred::act_main, "stop the processes of services where they are"},
    {"reload", kindred::act_main, "have services read their configuration again"},
    {"restart", kindred::act_main, "stop services and start them again"},
    {"run", kindred::run_main, "become a program, as a unit of systemd would have it"},
    {"scan", kindred::scan_main, "supervise the services of a directory, of any family"},
    {"signal", kindred::act_main, "send a signal to services"},
    {"start", kindred::act_main, "start services"},
    {"status", kindred::status_main, "show services, whatever supervises them"},
    {"stop", kindred::act_main, "stop services"},
};

void list(int descriptor) {
  kindred::Output out(descriptor);
  out.add("usage: kindred SUBCOMMAND [options] …; each has --help\n\n");
  for (const Subcommand& each : kSubcommands) {
    out.add("  ").add(each.name);
    for (std::size_t width = each.name.size(); width < 10; ++width) out.add(" ");
    out.add(each.summary).add("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    list(2);
    return kindred::kExitUsage;
  }
  if (kindred::base_name(argv[0]) == kindred::kCoreName) return kindred::handover_main(argc, argv);
  const std::string_view name = argv[1];
  if (name == "--help" || name == "help") {
    list(1);
    return 0;
  }
  for (const Subcommand& each : kSubcommands) {
    if (name != each.name) continue;
    try {
      return each.main(argc - 1, argv + 1);
    } catch (const std::exception& problem) {
      return kindred::fatal("kindred", {name, ": ", problem.what()});
    }
  }
  kindred::print_error({"kindred: there is no subcommand ", name});
  list(2);
  return kindred::kExitUsage;
}
