#include "compat-nosh/import/unit_import.h"

#include <initializer_list>
#include <utility>

#include "compat-nosh/import/command_text.h"
#include "compat-nosh/import/relations.h"
#include "compat-nosh/import/service_lines.h"
#include "compat-nosh/import/socket_lines.h"
#include "core/base/shell_quote.h"
#include "core/definition/time_span.h"

namespace kindred::nosh {
namespace {

constexpr std::string_view kInterpreter = "#!/bin/nosh\n";
constexpr std::string_view kIgnoredArguments = "\t# ignore script arguments\n";

using Commands = std::vector<std::string>;

/// What the service is, beside how it is begun.
struct Traits {
  ServiceKind kind;
  bool oneshot = false, remains = false, dbus = false;
  std::string restart;  ///< what Restart= says, or is taken to say
};

class UnitImport {
 public:
  UnitImport(UnitParts& parts, const ImportOptions& options, const ImportHost& host)
      : parts_(parts),
        options_(options),
        specifiers_(parts.name, options, host),
        service_(parts.unit, specifiers_, "service") {
    plan_.name = parts.name.bare();
    if (parts.socket) files_.push_back(&*parts.socket);
    if (parts.timer) files_.push_back(&*parts.timer);
    files_.push_back(&parts.unit);
  }

  Result<BundlePlan> plan();

 private:
  [[nodiscard]] Error refuse(std::string_view why) const {
    return Error{0, std::string(why), parts_.unit.file()};
  }
  void warn(const std::string& file, std::string_view text) {
    plan_.warnings.push_back(file + ": " + std::string(text));
  }
  Status read_traits();
  Status read_kill_settings();
  Status read_commands();
  void add_all_relations();
  void add_default_relations();
  void add_scripts(const ServiceLines& lines, const RuntimeDirectories& directories,
                   const SocketLines& socket, const TimerLines& timer);
  void add_restart_script(const ServiceLines& lines);
  void add_unused();

  [[nodiscard]] std::string head(const char* script) const;
  [[nodiscard]] std::string descriptions(UnitSettings& settings) const;
  [[nodiscard]] ScriptLines setup(const ServiceLines& lines, bool beside_run) const;
  void add_script(const char* name, std::string text) { plan_.scripts.emplace_back(name, std::move(text)); }

  UnitParts& parts_;
  const ImportOptions& options_;
  std::vector<UnitSettings*> files_;
  Specifiers specifiers_;
  UnitValues service_;
  BundlePlan plan_;
  Traits traits_;
  Commands start_, run_, stop_, restart_;
};

std::string text_of(const ScriptLines& lines) {
  std::string text;
  for (const std::string& line : lines.lines()) text += line + "\n";
  return text;
}

/// One after the other; the last one takes the process. Without any, `none`. The last line has no newline.
std::string text_of(const Commands& commands, std::string_view none) {
  std::string text;
  for (std::size_t i = 0; i < commands.size(); ++i)
    text += i + 1 < commands.size() ? "foreground " + commands[i] + " ;\n" : commands[i];
  return commands.empty() ? std::string(none) + "\n" : text;
}

std::string with_newline(std::string text) {
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

std::string UnitImport::head(const char* script) const {
  if (!options_.generation_comment) return "";
  return std::string("#") + script + " file generated from " + parts_.sources + "\n";
}

std::string UnitImport::descriptions(UnitSettings& settings) const {
  std::string text;
  for (const std::string& value : settings.take_each("unit", "description")) {
    std::string line = specifiers_.replace(value);
    for (char& c : line)
      if (c == '\n') c = ' ';
    text += "#" + line + "\n";
  }
  return text;
}

Status UnitImport::read_traits() {
  traits_.kind.target = parts_.name.suffix == ".target";
  traits_.kind.socket = parts_.socket.has_value();
  traits_.kind.timer = parts_.timer.has_value();
  traits_.kind.connections = parts_.socket && accepts(*parts_.socket);
  const bool has_command = parts_.unit.look("service", "execstart") != nullptr;
  std::string type = service_.text("type");
  if (type.empty() && options_.quirks)
    type = parts_.unit.look("service", "busname") != nullptr ? "dbus" : has_command ? "simple" : "oneshot";
  bool known = type.empty();
  for (const char* const each : {"simple", "exec", "forking", "oneshot", "dbus"}) known |= type == each;
  if (!known) return refuse(type + ": Not a supported service type.");
  traits_.oneshot = type == "oneshot";
  traits_.dbus = type == "dbus";
  if (traits_.dbus) static_cast<void>(service_.text("busname"));
  const std::string remains = service_.text("remainafterexit");
  traits_.remains = remains.empty() ? traits_.kind.target : is_true(remains);
  if (!has_command && !traits_.remains && !traits_.oneshot)
    return refuse("Missing mandatory ExecStart entry.");
  const bool always = options_.quirks ? traits_.kind.timer : true;
  traits_.restart = service_.text("restart");
  if (traits_.restart.empty()) traits_.restart = always ? "always" : "no";
  if (traits_.oneshot && !traits_.remains && traits_.restart != "no" && traits_.restart != "never")
    warn(parts_.unit.file(), "restart=" + traits_.restart + ": Single-shot service may never reach ready");
  return ok();
}

Status UnitImport::read_kill_settings() {
  const std::string mode = service_.text("killmode");
  if (!mode.empty() && mode != "control-group") return refuse(mode + ": Unsupported service stop mechanism.");
  static_cast<void>(parts_.unit.take_if("service", "killsignal", {"SIGTERM"}));
  const std::string kills = service_.text("sendsigkill");
  plan_.flags = {{"ready_after_run", traits_.oneshot},
                 {"remain", traits_.remains},
                 {"use_hangup", service_.flag("sendsighup")},
                 {"no_kill_signal", !kills.empty() && !is_true(kills)}};
  return ok();
}

/// What a name stands for must not make more of a command than it says.
Status UnitImport::read_commands() {
  struct List {
    const char* key;
    Commands& commands;
    std::string (*convert)(std::string_view);
  };
  for (const List& list :
       {List{"execstartpre", start_, script_command}, List{"execstart", run_, script_command},
        List{"execstoppost", stop_, script_command}, List{"execrestartpre", restart_, shell_command}})
    for (const std::string& command : service_.raw(list.key)) {
      if (const auto letter = specifiers_.unfit_for_command(command))
        return refuse(std::string("%") + *letter + ": Not fit for a command.");
      list.commands.push_back(specifiers_.replace(list.convert(command)));
    }
  return ok();
}

void UnitImport::add_default_relations() {
  // What any of the files says holds for the bundle, of which there is but one.
  bool wanted = true;
  for (UnitSettings* const settings : files_) {
    const std::string* const said = settings->take("unit", "defaultdependencies");
    wanted = wanted && (said == nullptr || is_true(*said));
  }
  if (!wanted) return;
  const BundlePlaces places = bundle_places(options_, traits_.kind.target);
  const auto link = [&](const char* directory, const char* name, const std::string& place) {
    plan_.links.push_back({directory, name, place + name});
  };
  if (traits_.kind.socket) link("wanted-by", "sockets", places.targets);
  if (traits_.kind.timer) link("wanted-by", "timers", places.targets);
  if (traits_.dbus)
    for (const char* const directory : {"after", "wants"}) link(directory, "dbus", places.services);
  if (traits_.kind.target) return;
  link("after", "basic", places.targets);
  link("wants", "basic", places.targets);
  link("before", "shutdown", places.targets);
  link("stopped-by", "shutdown", places.targets);
}

void UnitImport::add_all_relations() {
  const BundlePlaces places = bundle_places(options_, traits_.kind.target);
  add_default_relations();
  bool early = options_.etc_bundle;
  for (UnitSettings* const settings : files_) {
    UnitValues unit(*settings, specifiers_, "unit"), install(*settings, specifiers_, "install");
    add_relations(unit, install, places, plan_);
    const std::string said = unit.text("earlysupervise");
    if (!said.empty()) early = is_true(said);
  }
  if (early) plan_.links.push_back({"", "supervise", "/run/service-bundles/early-supervise/" + plan_.name});
}

/// Everything before the commands, of `run` or of what comes before and after it.
ScriptLines UnitImport::setup(const ServiceLines& lines, bool beside_run) const {
  const bool permissions = !beside_run || !lines.permissions_only_of_run;
  const bool root = !beside_run || !lines.root_only_of_run;
  ScriptLines all;
  all.append(lines.scheduling);
  all.append(lines.environment);
  if (permissions) all.append(lines.account_environment);
  if (!beside_run) all.append(lines.session);
  all.append(lines.limits);
  if (root) all.append(lines.root);
  all.append(lines.directory);
  all.append(lines.descriptors);
  return all;
}

void UnitImport::add_scripts(const ServiceLines& lines, const RuntimeDirectories& directories,
                             const SocketLines& socket, const TimerLines& timer) {
  const ScriptLines beside = setup(lines, true);
  const ScriptLines account = lines.permissions_only_of_run ? ScriptLines() : lines.account;
  const auto beside_run = [&](const ScriptLines& before, const ScriptLines& after, const Commands& commands) {
    return text_of(before) + text_of(beside) + text_of(after) + text_of(account) +
           with_newline(text_of(commands, "true"));
  };

  const bool own_groups = !lines.make_groups.empty() || !lines.knobs.empty() || !lines.controllers.empty();
  std::string start = traits_.kind.timer ? "foreground touch stamp-on-start ;\n" : "";
  if (own_groups || !start_.empty() || !directories.make.empty()) {
    ScriptLines groups = lines.make_groups, after = lines.knobs;
    groups.append(lines.join_group);
    groups.append(lines.controllers);
    after.append(directories.make);
    start += beside_run(groups, after, start_);
  } else {
    start += "true\n";
  }
  add_script("start", std::string(kInterpreter) + head("Start") + start);

  const std::string run_commands = text_of(lines.terminal) + text_of(run_, "true");
  ScriptLines run;
  run.append(socket.listen);
  run.append(timer.set);
  run.append(lines.join_group);
  run.append(setup(lines, false));
  run.append(lines.account);
  std::string text(kInterpreter);
  text += head("Run");
  if (traits_.kind.plain()) {
    text += descriptions(parts_.unit) + text_of(run) + run_commands;
  } else {
    run.append(socket.accept);
    run.append(timer.wait);
    text += descriptions(parts_.socket ? *parts_.socket : *parts_.timer) + text_of(run);
  }
  add_script("run", std::move(text));
  if (!traits_.kind.plain())
    add_script("service", std::string(kInterpreter) + head("Service") + descriptions(parts_.unit) +
                              text_of(lines.socket_descriptors) + run_commands);

  const bool stops = !stop_.empty() || !directories.remove.empty();
  add_script("stop", std::string(kInterpreter) + head("Stop") +
                         (stops ? beside_run(lines.join_group, directories.remove, stop_) : "true\n"));
}

/// What Restart= makes of an end: exit 0, exit with another code, then signals by what they are about.
struct Verdicts {
  const char* name;
  bool success, failure, ended, killed, aborted, crashed;
};
constexpr Verdicts kVerdicts[] = {{"on-success", true, false, true, false, false, false},
                                  {"on-failure", false, true, false, true, true, true},
                                  {"on-abnormal", false, false, false, true, true, true},
                                  {"on-abort", false, false, false, true, true, true}};

std::string verdict_text(const std::string& restart) {
  const auto word = [](bool again) { return again ? "true" : "false"; };
  for (const Verdicts& verdicts : kVerdicts) {
    if (restart != verdicts.name) continue;
    std::string text = "case \"$1\" in\n";
    const auto add = [&](const char* end, bool again) {
      text.append("\t").append(end).append(")\texec ").append(word(again)).append(" ;;\n");
    };
    text.append("\texit)\n\t\tif [ 0 -eq \"$2\" ]; then exec ").append(word(verdicts.success));
    text.append("; else exec ").append(word(verdicts.failure)).append("; fi ;;\n");
    add("term", verdicts.ended);
    add("kill", verdicts.killed);
    add("abort", verdicts.aborted);
    add("*", verdicts.crashed);
    return text + "esac\n";
  }
  return std::string("exec ") + word(restart == "always") + std::string(kIgnoredArguments);
}

void UnitImport::add_restart_script(const ServiceLines& lines) {
  std::string text = "#!/bin/sh\n" + head("Restart");
  std::string pause = service_.text("restartsec");
  if (pause.empty() && options_.quirks && !traits_.kind.socket) pause = "0.1";
  if (!pause.empty() && pause != "0") {
    // sleep(1) knows only some of the units, and others not at all.
    const bool plain = pause.find_first_not_of("0123456789.") == std::string::npos;
    const auto span = parse_time_span(pause);
    if (!plain && span) pause = seconds_text(*span);
    text += "sleep " + (plain || span ? pause : shell_quoted(pause)) + "\n";
  }
  if (traits_.kind.timer) text += "touch stamp-on-restart\n";
  if (!restart_.empty()) {
    text += "/bin/exec \\\n";
    for (const std::string& line : lines.join_group.lines()) text += line + " \\\n";
    for (std::size_t i = 0; i < restart_.size(); ++i)
      text += i + 1 < restart_.size() ? "foreground " + restart_[i] + " \\; \\\n" : restart_[i] + "\n";
  }
  add_script("restart", text + verdict_text(traits_.restart));
}

void UnitImport::add_unused() {
  for (const UnitSettings* const settings : files_)
    for (const std::string& text : settings->unused()) warn(settings->file(), "Unused setting: " + text);
}

Result<BundlePlan> UnitImport::plan() {
  const std::string user = service_.text("user");
  if (!user.empty()) specifiers_.set_user(user);
  if (const Status done = read_traits(); !done) return done.error();
  if (const Status done = read_kill_settings(); !done) return done.error();
  SocketLines socket;
  if (parts_.socket) {
    auto lines = read_socket_lines(UnitValues(*parts_.socket, specifiers_, "socket"), plan_);
    if (!lines) return lines.error();
    socket = std::move(*lines);
  }
  TimerLines timer;
  if (parts_.timer)
    timer = read_timer_lines(UnitValues(*parts_.timer, specifiers_, "timer"), options_.quirks, plan_);
  if (const Status done = read_commands(); !done) return done.error();
  const auto directories = read_runtime_directories(service_);
  if (!directories) return directories.error();
  ServiceLines lines = read_service_lines(service_, parts_.name, traits_.kind, options_);
  plan_.warnings.insert(plan_.warnings.end(), lines.warnings.begin(), lines.warnings.end());
  add_scripts(lines, *directories, socket, timer);
  add_restart_script(lines);
  add_all_relations();
  add_unused();
  return std::move(plan_);
}

}  // namespace

Result<BundlePlan> plan_import(UnitParts& parts, const ImportOptions& options, const ImportHost& host) {
  return UnitImport(parts, options, host).plan();
}

}  // namespace kindred::nosh
