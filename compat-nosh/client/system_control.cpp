// system-control: services by name. Source: interfaces/nosh.md section 14.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "compat-nosh/client/bundle.h"
#include "compat-nosh/client/bundle_search.h"
#include "compat-nosh/client/manager_command.h"
#include "compat-nosh/client/options.h"
#include "compat-nosh/client/preset.h"
#include "compat-nosh/client/service_environment.h"
#include "compat-nosh/client/start_stop.h"
#include "compat-nosh/import/alternative_escape.h"
#include "compat-nosh/programs.h"
#include "compat-nosh/supervise/loader.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/definition/unit_name.h"
#include "core/sys/execute.h"
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

constexpr Option kEscapeOptions[] = {{0, "alt-escape", "leave hyphens as they are"},
                                     {0, "no-ext-escape", "no sequences of a letter"},
                                     {'p', "prefix", "before each name", true}};
constexpr Option kPresetOptions[] = {{'u', "user", "the user's bundles, not the system's"},
                                     {0, "no-systemd", "do not ask preset files"},
                                     {0, "no-rcconf", "do not ask rc.conf"},
                                     {0, "rcconf-file", "instead of /etc/rc.conf and its kin", true},
                                     {0, "ttys", "ask /etc/ttys, too"},
                                     {0, "fstab", "ask /etc/fstab, too"},
                                     {'n', "dry-run", "only print what would be done"},
                                     {'p', "prefix", "before each name", true}};
constexpr Option kManagerOptions[] = {{'u', "user", "the user's session, not the system"},
                                      {'f', "force", "at once"}};
constexpr Option kVariableOptions[] = {{'u', "user", "the user's bundles, not the system's"},
                                       {'f', "full", "values of several lines"}};

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
      if (stat(other.c_str(), &st) != 0) {
        complain(call.program, "ERROR", {other, ": ", system_error_text(errno)});
        all = false;
        continue;
      }
      if (!S_ISDIR(st.st_mode)) continue;
      const int code = relate(other, made, absolute, wanted);
      if (code == 0) continue;
      complain(call.program, "ERROR", {other, "/", made, ": ", system_error_text(code)});
      all = false;
    }
  }
  return all;
}

bool set_enabled(const Call& call, const std::string& path, bool enabled) {
  const Result<Bundle> bundle = Bundle::open(AT_FDCWD, path.c_str());
  bool done = static_cast<bool>(bundle);
  if (done && enabled) {
    done = unlinkat(bundle->service_fd(), "down", 0) == 0 || errno == ENOENT;
  } else if (done) {
    const UniqueFd down(
        openat(bundle->service_fd(), "down", O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0400));
    // One that is there already may not be ours to write.
    done = down || bundle->flags().down;
  }
  if (!done) fail(call.program, {path, ": ", reason(error_here("change", path))});
  return link_counterparts(call, path, enabled) && done;
}

int enable(const Call& call, const std::vector<std::string>& paths) {
  int code = 0;
  for (const std::string& path : paths)
    if (!set_enabled(call, path, call.program != "disable")) code = kExitFailed;
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

/// Names as those of units have to be.
int escape(int argc, char** argv) {
  const Arguments arguments = parse_arguments(argc, argv, kEscapeOptions, "NAME...");
  if (arguments.exit) return *arguments.exit;
  if (arguments.operands.empty()) return fail("escape", {"Missing name(s)."});
  const char* const prefix = arguments.value("prefix");
  std::string line;
  for (const char* name : arguments.operands) {
    if (!line.empty()) line += ' ';
    line += prefix != nullptr ? prefix : "";
    line += arguments.has("alt-escape") ? alternatively_escaped_name(name, !arguments.has("no-ext-escape"))
                                        : escaped_unit_name(name);
  }
  Output out;
  return out.add(line).add("\n").flush() ? 0 : kExitFailed;
}

/// What decides for each bundle is said in preset.h.
int preset(int argc, char** argv, bool per_user) {
  Call call{"preset", per_user, parse_arguments(argc, argv, kPresetOptions, "NAME...")};
  if (call.arguments.exit) return *call.arguments.exit;
  if (call.arguments.operands.empty()) return fail(call.program, {"Missing service name(s)."});
  call.per_user = call.per_user || call.arguments.has("user");
  PresetSources sources;
  sources.preset_files = !call.arguments.has("no-systemd");
  sources.rc_conf = !call.arguments.has("no-rcconf");
  if (const char* const file = call.arguments.value("rcconf-file")) sources.rc_conf_file = file;
  sources.ttys = call.arguments.has("ttys");
  sources.fstab = call.arguments.has("fstab");
  sources.per_user = call.per_user;
  const char* const given = call.arguments.value("prefix");
  const std::string prefix = given != nullptr ? given : "";
  Output out;
  int code = 0;
  for (const std::string_view operand : call.arguments.operands) {
    const std::size_t slash = operand.rfind('/');
    const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
    const std::string name =
        std::string(operand.substr(0, begin)) + prefix + std::string(operand.substr(begin));
    const std::optional<std::string> path = find_bundle(name, call.per_user);
    if (!path) {
      complain(call.program, "ERROR", {name, ": ", system_error_text(ENOENT)});
      code = kExitFailed;
      continue;
    }
    const std::string bare(base_name(path->c_str()));
    const auto enabled = is_preset(sources, prefix, bare.substr(bare.starts_with(prefix) ? prefix.size() : 0),
                                   bundle_kind(name, *path));
    if (!enabled) return fail(call.program, {enabled.error().object, ": ", enabled.error().operation});
    if (call.arguments.has("dry-run"))
      out.add(*enabled ? "enable " : "disable ").add(*path).add("\n");
    else if (!set_enabled(call, *path, *enabled))
      code = kExitFailed;
  }
  return out.flush() ? code : kExitFailed;
}

/// SERVICE VARIABLE [VALUE], or SERVICE [VARIABLE]: from `least` to `most` operands.
struct ServiceVariable {
  std::optional<int> exit;
  std::string program, path, variable;
  std::optional<std::string> value;
  bool full = false;
};
ServiceVariable service_variable(int argc, char** argv, bool per_user, std::size_t least, std::size_t most) {
  const Arguments arguments = parse_arguments(argc, argv, kVariableOptions, "SERVICE [VARIABLE [VALUE]]");
  ServiceVariable call;
  call.exit = arguments.exit;
  call.program = argv[0];
  call.full = arguments.has("full");
  if (call.exit) return call;
  const auto words = arguments.operands;
  if (words.empty())
    call.exit = fail(call.program, {"Missing service name."});
  else if (words.size() < least)
    call.exit = fail(call.program, {"Missing variable name."});
  else if (words.size() > most)
    call.exit = fail(call.program, {words[most], ": Unexpected argument."});
  if (call.exit) return call;
  const auto path = find_bundle(words[0], per_user || arguments.has("user"));
  if (!path) call.exit = fail(call.program, {words[0], ": ", system_error_text(ENOENT)});
  call.path = path.value_or("");
  if (words.size() > 1) call.variable = words[1];
  if (words.size() > 2) call.value = words[2];
  return call;
}

int set_service_env(int argc, char** argv, bool per_user) {
  const ServiceVariable call = service_variable(argc, argv, per_user, 2, 3);
  if (call.exit) return *call.exit;
  const Result<Bundle> bundle = Bundle::open(AT_FDCWD, call.path.c_str());
  if (!bundle) return fail(call.program, {call.path, ": ", reason(bundle.error())});
  const Status done = set_service_variable(bundle->service_fd(), call.variable, call.value, call.full);
  return done ? 0 : fail(call.program, {call.path, "/", done.error().object, ": ", reason(done.error())});
}

int print_service_env(int argc, char** argv, bool per_user) {
  const ServiceVariable call = service_variable(argc, argv, per_user, 1, 2);
  if (call.exit) return *call.exit;
  const Result<Bundle> bundle = Bundle::open(AT_FDCWD, call.path.c_str());
  if (!bundle) return fail(call.program, {call.path, ": ", reason(bundle.error())});
  const auto text = call.variable.empty()
                        ? service_environment_text(bundle->service_fd(), call.full)
                        : service_variable_text(bundle->service_fd(), call.variable, call.full);
  // A variable that is not there is an answer.
  if (!text && !call.variable.empty() && text.error().object == call.variable && text.error().code == ENOENT)
    return kExitFailed;
  if (!text) return fail(call.program, {call.path, "/", text.error().object, ": ", reason(text.error())});
  Output out;
  return out.add(*text).flush() ? 0 : kExitFailed;
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

/// Bytes for the manager of the user's session, signals for process 1.
int tell_manager(const std::string& program, bool per_user, const ManagerCommand& command, bool forced) {
  forced = forced && !command.forced_bytes.empty();
  if (!per_user) {
    for (const int signal : forced ? command.forced_signals : command.signals)
      if (kill(1, SIGRTMIN + signal) != 0) return fail(program, {"process 1: ", system_error_text(errno)});
    return 0;
  }
  const std::string path = session_control_path();
  const UniqueFd control(open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!control) return fail(program, {path, ": ", system_error_text(errno)});
  const int code = write_all(control.get(), forced ? command.forced_bytes : command.bytes);
  return code == 0 ? 0 : fail(program, {path, ": ", system_error_text(code)});
}

int command_manager(const ManagerCommand& command, int argc, char** argv, bool per_user) {
  const Arguments arguments = parse_arguments(argc, argv, kManagerOptions, "");
  if (arguments.exit) return *arguments.exit;
  const std::string program(base_name(argv[0]));
  if (!arguments.operands.empty()) return fail(program, {arguments.operands[0], ": Unexpected argument."});
  return tell_manager(program, per_user || arguments.has("user"), command,
                      arguments.has("force") || program.starts_with("fast"));
}

/// What a manager begins with, by the words that it was called with: what looks like an option may be a level.
int init(int argc, char** argv, bool per_user) {
  std::vector<const char*> words;
  bool has_options = true;
  for (char** word = argv + 1; word != argv + argc; ++word) {
    const std::string_view text = *word;
    if (has_options && text == "--")
      has_options = false;
    else if (has_options && (text == "-u" || text == "--user"))
      per_user = true;
    else if (has_options && (text == "-?" || text == "--help" || text == "--usage")) {
      char* help[] = {argv[0], *word};
      return *parse_arguments(2, help, kPlainOptions, "[LEVEL...]").exit;
    } else
      words.push_back(*word);
  }
  std::vector<std::string> unknown;
  const std::string_view level = run_level(words, unknown);
  for (const std::string& word : unknown) complain("init", "WARNING", {word, ": Unknown run level ignored."});
  if (level == kUpdateLevel) {
    char* const update[] = {const_cast<char*>("update"), nullptr};
    return fail("init", {"update: ", system_error_text(execute(update[0], update))});
  }
  return tell_manager("init", per_user, *find_manager_command(level), false);
}

/// Those that are programs of their own, too: -u may come before their name.
template <int (*Main)(int, char**)>
int run_program_of(int argc, char** argv, bool per_user) {
  std::vector<std::string> words{argv[0]};
  if (per_user) words.emplace_back("--user");
  return run(Main, std::move(words), std::vector<std::string>(argv + 1, argv + argc));
}

/// Those whose words are not all names of bundles.
struct WordedCommand {
  std::string_view name;
  int (*run)(int argc, char** argv, bool per_user);
};
constexpr WordedCommand kWordedCommands[] = {
    {"convert-fstab-services", run_program_of<convert_fstab_services_main>},
    {"convert-systemd-units", run_program_of<convert_systemd_units_main>},
    {"get-mount-what", run_program_of<get_mount_what_main>},
    {"get-mount-where", run_program_of<get_mount_where_main>},
    {"init", init},
    {"preset", preset},
    {"print-service-env", print_service_env},
    {"set-service-env", set_service_env},
    {"write-volume-service-bundles", run_program_of<write_volume_service_bundles_main>}};

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
  if (program == "preset") return preset(argc, argv, false);
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
  const int count = static_cast<int>(arguments.operands.size());
  if (name == "escape") return escape(count, rest);
  for (const WordedCommand& command : kWordedCommands)
    if (name == command.name) return command.run(count, rest, arguments.has("user"));
  if (const ManagerCommand* const manager = find_manager_command(name))
    return command_manager(*manager, count, rest, arguments.has("user"));
  const SubCommand* command = find_sub_command(name);
  if (command == nullptr) return fail(program, {name, ": Unknown command."});
  return run_sub_command(*command, count, rest, arguments.has("user"));
}

int systemd_escape_main(int argc, char** argv) {
  constexpr Option kTemplate[] = {{'t', "template", "the names as instances of this one", true}};
  const Arguments arguments = parse_arguments(argc, argv, kTemplate, "NAME...");
  if (arguments.exit) return *arguments.exit;
  if (arguments.operands.empty()) return fail(base_name(argv[0]), {"Missing name(s)."});
  const char* const given = arguments.value("template");
  const std::string form = given != nullptr ? given : "";
  // Without an `@` it only comes before them.
  const std::size_t at = form.find('@');
  const std::size_t before = at == std::string::npos ? form.size() : at + 1;
  std::string line;
  for (const char* name : arguments.operands)
    line +=
        (line.empty() ? "" : " ") + form.substr(0, before) + escaped_unit_name(name) + form.substr(before);
  Output out;
  return out.add(line).add("\n").flush() ? 0 : kExitFailed;
}

}  // namespace kindred::nosh
