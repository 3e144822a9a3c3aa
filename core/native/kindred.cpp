// The native command: kindred SUBCOMMAND …. The only place that knows Boost.Program_options.

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/nearest.h"
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
    {"adopt", kindred::adopt_main, "take running services over from another supervisor"},
    {"check", kindred::check_main, "tell what is wrong with service directories"},
    {"continue", kindred::act_main, "let paused services go on"},
    {"control", kindred::control_main, "change what a running scan does"},
    {"convert", kindred::convert_main, "write service directories as another family's"},
    {"disable", kindred::enable_main, "have services not started by themselves"},
    {"enable", kindred::enable_main, "have services started by themselves"},
    {"log", kindred::log_main, "show what services have written"},
    {"metrics", kindred::metrics_main, "tell of services in numbers, for Prometheus"},
    {"notify", kindred::notify_main, "run a command when a service fails or flaps"},
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
    {"top", kindred::top_main, "show services as they change, and command them"},
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

const Subcommand* find(std::string_view name) {
  for (const Subcommand& each : kSubcommands)
    if (name == each.name) return &each;
  return nullptr;
}

int no_subcommand(std::string_view name) {
  std::vector<std::string> names;
  for (const Subcommand& each : kSubcommands) names.emplace_back(each.name);
  const std::string_view meant = kindred::nearest(name, names);
  if (!meant.empty()) {
    kindred::print_error({"kindred: there is no subcommand ", name, "; is it ", meant, "?"});
    return kindred::kExitUsage;
  }
  kindred::print_error({"kindred: there is no subcommand ", name});
  list(2);
  return kindred::kExitUsage;
}

int run(const Subcommand& subcommand, int argc, char** argv) {
  try {
    return subcommand.main(argc, argv);
  } catch (const std::exception& problem) {
    return kindred::fatal("kindred", {subcommand.name, ": ", problem.what()});
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
  if (name == "--version" || name == "-V")
    return kindred::write_text(1, "kindred " KINDRED_VERSION "\n") ? 0 : kindred::kExitFatal;
  const bool wants_help = name == "--help" || name == "-h" || name == "help";
  if (wants_help && argc < 3) {
    list(1);
    return 0;
  }
  const std::string_view asked = wants_help ? argv[2] : name;
  const Subcommand* const subcommand = find(asked);
  if (subcommand == nullptr) return no_subcommand(asked);
  if (!wants_help) return run(*subcommand, argc - 1, argv + 1);
  char help[] = "--help";
  char* words[] = {argv[2], help, nullptr};
  return run(*subcommand, 2, words);
}
