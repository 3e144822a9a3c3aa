// system-control: services by name. Source: interfaces/nosh.md section 14.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
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

constexpr Option kNagiosOptions[] = {{'u', "user", "the user's bundles, not the system's"},
                                     {'s', "min-seconds", "how long it has to have been up", true},
                                     {0, "critical-if-below-min", "what has not is critical"}};

constexpr std::size_t kLongestScript = 1 << 20;

/// One call: `arguments` are those of the sub-command.
struct Call {
  std::string program;  ///< the sub-command, as messages name it
  bool per_user;
  Arguments arguments;
};

/// What comes of a name by which no bundle is found.
enum class Missing : std::uint8_t {
  EndsIt,     ///< nothing is done for any
  IsLeftOut,  ///< the rest is done
  IsAPath,    ///< which the sub-command will find that there is none
};

struct Found {
  std::vector<std::string> paths;
  bool all = true;
};

/// The paths of the operands, after a message for each that is missing.
Found find_all(const Call& call, Missing missing) {
  Found found;
  for (const char* name : call.arguments.operands) {
    if (std::optional<std::string> path = find_bundle(name, call.per_user)) {
      found.paths.push_back(std::move(*path));
    } else if (missing == Missing::IsAPath) {
      found.paths.emplace_back(name);
    } else {
      complain(call.program, missing == Missing::EndsIt ? "FATAL" : "ERROR",
               {name, ": ", system_error_text(ENOENT)});
      found.all = false;
      if (missing == Missing::EndsIt) break;
    }
  }
  return found;
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

/// A relation that a bundle declares, and the one that its counterpart then has to it.
struct Counterpart {
  const char* declared;
  const char* made;
};
constexpr Counterpart kCounterparts[] = {{"wanted-by", "wants"},
                                         {"stopped-by", "conflicts"},
                                         {"stopped-by", "after"},
                                         {"requires", "required-by"}};

/// Makes, or removes, the link `relation`/NAME in the bundle at `path`, to `absolute`. What had the name is
/// replaced. Errors: errno, 0 for none.
int relate(const std::string& path, const char* relation, const std::string& absolute, bool wanted) {
  const Result<UniqueFd> bundle = open_directory(AT_FDCWD, path.c_str());
  if (!bundle) return bundle.error().code;
  if (wanted && mkdirat(bundle->get(), relation, 0755) != 0 && errno != EEXIST) return errno;
  const Result<UniqueFd> links = open_directory(bundle->get(), relation);
  if (!links) return wanted ? links.error().code : 0;
  const std::string name(base_name(absolute.c_str()));
  if (unlinkat(links->get(), name.c_str(), 0) != 0 && errno != ENOENT) return errno;
  return !wanted || symlinkat(absolute.c_str(), links->get(), name.c_str()) == 0 ? 0 : errno;
}

/// The links in which other bundles want, conflict with, or are required by this one. What leads nowhere is
/// said, and the rest is done.
bool link_counterparts(const Call& call, const std::string& path, bool wanted) {
  char absolute[PATH_MAX];
  if (realpath(path.c_str(), absolute) == nullptr) {
    complain(call.program, "ERROR", {path, ": ", system_error_text(errno)});
    return false;
  }
  bool all = true;
  for (const auto& [declared, made] : kCounterparts) {
    const std::string directory = path + "/" + declared;
    for (const std::string& name : directory_names(AT_FDCWD, directory.c_str())) {
      const std::string other = directory + "/" + name;
      struct stat st;
      if (stat(other.c_str(), &st) == 0 && !S_ISDIR(st.st_mode)) continue;
      const int code = relate(other, made, absolute, wanted);
      if (code == 0) continue;
      complain(call.program, "ERROR", {other, "/", made, ": ", system_error_text(code)});
      all = false;
    }
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
      const UniqueFd down(openat(bundle->service_fd(), "down",
                                 O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0400));
      // One that is there already may not be ours to write.
      done = down || bundle->flags().down;
    }
    if (!done) code = fail(call.program, {path, ": ", reason(error_here("change", path))});
    if (!link_counterparts(call, path, enabled)) code = kExitFailed;
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

/// Each line begins with the name of its file.
void add_named_lines(Output& out, const char* name, std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    out.add(name).add(":").add(line).add("\n");
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
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
    for (const char* script : {"start", "stop", "run", "service", "restart"}) {
      const Result<std::string> text = read_file(bundle->service_fd(), script, kLongestScript);
      if (text)
        add_named_lines(out, script, *text);
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

/// The monitor's answer is its own, to what is not there too.
int check_for_nagios(const Call& call, const std::vector<std::string>& paths) {
  std::vector<std::string> words{call.program};
  for (const Arguments::Given& given : call.arguments.options) {
    if (given.option->name == std::string_view("user")) continue;
    words.push_back(std::string("--") + given.option->name);
    if (given.value != nullptr) words.emplace_back(given.value);
  }
  words.emplace_back("--");
  return run(nagios_check_service_main, words, paths);
}

enum class Names : bool { Needed, IfAny };

struct SubCommand {
  std::string_view name;
  std::span<const Option> options;
  int (*run)(const Call&, const std::vector<std::string>& paths);
  Missing missing = Missing::EndsIt;
  Names names = Names::Needed;
};

constexpr SubCommand kSubCommands[] = {
    {"start", kStartOptions, start_stop, Missing::EndsIt, Names::IfAny},
    {"activate", kStartOptions, start_stop, Missing::EndsIt, Names::IfAny},
    {"isolate", kStartOptions, start_stop, Missing::EndsIt, Names::IfAny},
    {"stop", kStartOptions, start_stop, Missing::EndsIt, Names::IfAny},
    {"deactivate", kStartOptions, start_stop, Missing::EndsIt, Names::IfAny},
    {"reset", kStartOptions, start_stop, Missing::EndsIt, Names::IfAny},
    {"enable", kPlainOptions, enable, Missing::IsLeftOut},
    {"reenable", kPlainOptions, enable, Missing::IsLeftOut},
    {"disable", kPlainOptions, enable, Missing::IsLeftOut},
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
    {"nagios-check-service", kNagiosOptions, check_for_nagios, Missing::IsAPath, Names::IfAny},
};

int run_sub_command(const SubCommand& command, int argc, char** argv, bool per_user) {
  Arguments arguments = parse_arguments(argc, argv, command.options, "NAME...");
  if (arguments.exit) return *arguments.exit;
  per_user = per_user || arguments.has("user");
  const Call call{std::string(command.name), per_user, std::move(arguments)};
  const Found found = find_all(call, command.missing);
  if (!found.all && command.missing == Missing::EndsIt) return kExitFailed;
  if (call.arguments.operands.empty() && command.names == Names::Needed)
    return fail(call.program, {"Missing service name(s)."});
  const int code = command.run(call, found.paths);
  return found.all ? code : kExitFailed;
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
