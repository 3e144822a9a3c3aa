// system-control: services by name. Source: interfaces/nosh.md section 14.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>
#include <vector>

#include "compat-nosh/client/bundle.h"
#include "compat-nosh/client/bundle_search.h"
#include "compat-nosh/client/options.h"
#include "compat-nosh/client/start_stop.h"
#include "compat-nosh/programs.h"
#include "compat-nosh/supervise/loader.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr Option kOptions[] = {
    {'u', "user", "the user's bundles, not the system's"},
    {0, "full", "nothing: nothing is ever shortened"},
    {0, "no-legend", "nothing: there is none"},
    {0, "no-pager", "nothing: there is none"},
};
constexpr Option kStartOptions[] = {
    {'u', "user", "the user's bundles, not the system's"},
    {0, "colour", "nothing: messages have no colours"},
    {'v', "verbose", "tell what is done"},
    {'n', "pretend", "send no command, but wait all the same"},
};
constexpr Option kStatusOptions[] = {{'u', "user", "the user's bundles, not the system's"},
                                     {0, "log-lines", "so many lines of the log", true}};
constexpr Option kPlainOptions[] = {{'u', "user", "the user's bundles, not the system's"},
                                    {'q', "quiet", "as without it"}};

constexpr std::size_t kLongestScript = 1 << 20;

/// One call: `arguments` are those of the sub-command.
struct Call {
  std::string program;  ///< the sub-command, as messages name it
  bool per_user;
  Arguments arguments;
};

/// Paths of the operands; nullopt after a message.
std::optional<std::vector<std::string>> paths_of(const Call& call) {
  std::vector<std::string> paths;
  for (const char* name : call.arguments.operands) {
    std::optional<std::string> path = find_bundle(name, call.per_user);
    if (!path) {
      fail(call.program, {name, ": No such service or target"});
      return std::nullopt;
    }
    paths.push_back(std::move(*path));
  }
  if (paths.empty()) {
    fail(call.program, {"Missing service name(s)."});
    return std::nullopt;
  }
  return paths;
}

/// Another program of the family, on the paths.
int run(int (*main)(int, char**), std::vector<std::string> words, const std::vector<std::string>& paths) {
  words.insert(words.end(), paths.begin(), paths.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return main(static_cast<int>(words.size()), argv.data());
}

int start_stop(const Call& call, const std::vector<std::string>& paths) {
  std::vector<std::pair<std::string, Goal>> bundles;
  for (const std::string& path : paths) {
    Goal goal = call.program == "stop" || call.program == "deactivate" ? Goal::Stopped : Goal::Started;
    if (call.program == "reset") {
      const Result<Bundle> bundle = Bundle::open(AT_FDCWD, path.c_str());
      if (bundle && bundle->flags().down) goal = Goal::Stopped;
    }
    bundles.emplace_back(path, goal);
  }
  return start_or_stop(bundles, {.program = call.program,
                                 .verbose = call.arguments.has("verbose"),
                                 .pretend = call.arguments.has("pretend"),
                                 .per_user = call.per_user});
}

/// The links in which other bundles want this one are made or removed.
bool link_to_wanters(const std::string& path, bool wanted) {
  char absolute[PATH_MAX];
  if (realpath(path.c_str(), absolute) == nullptr) return false;
  const std::string name(base_name(absolute));
  const Result<UniqueFd> wanters = open_directory(AT_FDCWD, (path + "/wanted-by").c_str());
  if (!wanters) return wanters.error().code == ENOENT;
  bool all = true;
  for (const std::string& wanter : directory_names(wanters->get(), ".")) {
    const Result<UniqueFd> bundle = open_directory(wanters->get(), wanter.c_str());
    if (!bundle) continue;
    if (wanted && mkdirat(bundle->get(), "wants", 0755) != 0 && errno != EEXIST) all = false;
    const std::string link = "wants/" + name;
    if (wanted && symlinkat(absolute, bundle->get(), link.c_str()) != 0 && errno != EEXIST) all = false;
    if (!wanted && unlinkat(bundle->get(), link.c_str(), 0) != 0 && errno != ENOENT) all = false;
  }
  return all;
}

int enable(const Call& call, const std::vector<std::string>& paths) {
  const bool enabled = call.program != "disable";
  int code = 0;
  for (const std::string& path : paths) {
    const Result<Bundle> bundle = Bundle::open(AT_FDCWD, path.c_str());
    bool done = static_cast<bool>(bundle);
    if (done && enabled) {
      done = unlinkat(bundle->service_fd(), "down", 0) == 0 || errno == ENOENT;
    } else if (done) {
      const UniqueFd down(
          openat(bundle->service_fd(), "down", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0400));
      // One that is there already may not be ours to write.
      done = down || bundle->flags().down;
    }
    if (done) done = link_to_wanters(path, enabled);
    if (!done) code = fail(call.program, {path, ": ", reason(error_here("change", path))});
  }
  return code;
}

int show_status(const Call& call, const std::vector<std::string>& paths) {
  std::vector<std::string> words{"service-status"};
  for (const Arguments::Given& given : call.arguments.options)
    if (given.value != nullptr) words.insert(words.end(), {"--log-lines", given.value});
  return run(service_status_main, words, paths);
}

int print_paths(const Call&, const std::vector<std::string>& paths) {
  Output out;
  for (const std::string& path : paths) out.add(path).add("\n");
  return out.flush() ? 0 : kExitFailed;
}

/// What the manager may execute for it.
int print_scripts(const Call& call, const std::vector<std::string>& paths) {
  Output out;
  int code = 0;
  for (const std::string& path : paths) {
    const Result<Bundle> bundle = Bundle::open(AT_FDCWD, path.c_str());
    if (!bundle) {
      code = fail(call.program, {path, ": ", reason(bundle.error())});
      continue;
    }
    for (const char* script : {"start", "run", "stop", "restart"}) {
      const Result<std::string> text = read_file(bundle->service_fd(), script, kLongestScript);
      if (text)
        out.add(*text);
      else if (text.error().code != ENOENT)
        code = fail(call.program, {path, "/", script, ": ", reason(text.error())});
    }
  }
  return out.flush() ? code : kExitFailed;
}

/// Names as those of units have to be: a slash is a hyphen, and what is no letter, digit, colon, underscore
/// or dot is its code; a dot is one at the beginning.
int escape(int argc, char** argv) {
  const Arguments arguments = parse_arguments(argc, argv, kPlainOptions, "NAME...");
  if (arguments.exit) return *arguments.exit;
  Output out;
  for (const char* name : arguments.operands) out.add(escaped_name(name)).add("\n");
  return out.flush() ? 0 : kExitFailed;
}

/// Of several, all must be.
template <int (*Main)(int, char**)>
int ask(const Call& call, const std::vector<std::string>& paths) {
  int worst = 0;
  for (const std::string& path : paths) worst = std::max(worst, run(Main, {call.program}, {path}));
  return worst;
}

template <char Letter>
int send(const Call&, const std::vector<std::string>& paths) {
  return run(service_control_main, {"service-control", std::string("-") + Letter}, paths);
}

int show(const Call&, const std::vector<std::string>& paths) {
  return run(service_show_main, {"service-show"}, paths);
}

int show_json(const Call&, const std::vector<std::string>& paths) {
  return run(service_show_main, {"service-show", "--json"}, paths);
}

struct SubCommand {
  std::string_view name;
  std::span<const Option> options;
  int (*run)(const Call&, const std::vector<std::string>& paths);
};

constexpr SubCommand kSubCommands[] = {
    {"start", kStartOptions, start_stop},
    {"activate", kStartOptions, start_stop},
    {"isolate", kStartOptions, start_stop},
    {"stop", kStartOptions, start_stop},
    {"deactivate", kStartOptions, start_stop},
    {"reset", kStartOptions, start_stop},
    {"enable", kPlainOptions, enable},
    {"reenable", kPlainOptions, enable},
    {"disable", kPlainOptions, enable},
    {"try-restart", kPlainOptions, send<'t'>},
    {"condrestart", kPlainOptions, send<'t'>},
    {"force-reload", kPlainOptions, send<'t'>},
    {"try-reload-or-restart", kPlainOptions, send<'t'>},
    {"hangup", kPlainOptions, send<'H'>},
    {"unload-when-stopped", kPlainOptions, send<'x'>},
    {"is-active", kPlainOptions, ask<service_is_up_main>},
    {"is-loaded", kPlainOptions, ask<service_is_ok_main>},
    {"is-enabled", kPlainOptions, ask<service_is_enabled_main>},
    {"status", kStatusOptions, show_status},
    {"show", kPlainOptions, show},
    {"show-json", kPlainOptions, show_json},
    {"find", kPlainOptions, print_paths},
    {"cat", kPlainOptions, print_scripts},
};

int run_sub_command(const SubCommand& command, int argc, char** argv, bool per_user) {
  Arguments arguments = parse_arguments(argc, argv, command.options, "NAME...");
  if (arguments.exit) return *arguments.exit;
  per_user = per_user || arguments.has("user");
  const Call call{std::string(command.name), per_user, std::move(arguments)};
  const auto paths = paths_of(call);
  return paths ? command.run(call, *paths) : kExitFailed;
}

const SubCommand* find_sub_command(std::string_view name) {
  for (const SubCommand& command : kSubCommands)
    if (command.name == name) return &command;
  return nullptr;
}

}  // namespace

int system_control_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  if (const SubCommand* command = find_sub_command(program))
    return run_sub_command(*command, argc, argv, false);
  const Arguments arguments = parse_arguments(argc, argv, kOptions, "SUBCOMMAND NAME...");
  if (arguments.exit) return *arguments.exit;
  if (arguments.operands.empty()) return fail(program, {"Missing command name."});
  const std::string_view name = arguments.operands[0];
  if (name == "is-service-manager-client")
    return ManagerSocket::connect(manager_path(arguments.has("user"))) ? 0 : 100;
  if (name == "version") {
    Output out;
    return out.add("system-control of kindred ").add(KINDRED_VERSION).add("\n").flush() ? 0 : kExitFailed;
  }
  char** const rest = argv + (argc - static_cast<int>(arguments.operands.size()));
  if (name == "escape") return escape(static_cast<int>(arguments.operands.size()), rest);
  const SubCommand* command = find_sub_command(name);
  if (command == nullptr) return fail(program, {name, ": Unknown command."});
  return run_sub_command(*command, static_cast<int>(arguments.operands.size()), rest, arguments.has("user"));
}

}  // namespace kindred::nosh
