#include "core/definition/systemd_service.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <utility>

#include "core/base/number.h"
#include "core/base/signal_name.h"
#include "core/definition/time_span.h"
#include "core/definition/unit_file.h"
#include "core/definition/unit_name.h"
#include "core/definition/unit_specifiers.h"
#include "core/definition/unit_words.h"

namespace kindred {
namespace {

using definition::Body;
using definition::Command;
using definition::Relation;
using definition::Restart;
using definition::Step;
using Words = std::vector<std::string>;

bool is_true(std::string_view value) {
  for (const std::string_view word : {"1", "yes", "y", "true", "t", "on"})
    if (value == word) return true;
  return false;
}

// --- what one unit's file says, setting by setting ---

/// A command line, and where it is.
struct CommandLine {
  std::string text;  ///< with what % stands for
  std::vector<UnitCommand> commands;
  UnitSetting setting;
};

class UnitReader;
using Handler = void (UnitReader::*)(const UnitSetting& setting, const std::string& value);

struct Key {
  std::string_view section, name;
  Handler handler;
  std::string_view argument = {};  ///< of handlers that several keys share
};

/// Reads a service with its socket. Each setting has a handler, or is a loss: there is no third.
class UnitReader {
 public:
  explicit UnitReader(UnitName name) : name_(std::move(name)) { service_.name = name_.bare(); }

  void read(const UnitFile& unit);
  /// What all of the files together come to.
  ReadDefinition finish();

  // Handlers.
  void take_description(const UnitSetting&, const std::string& value);
  void take_comment(const UnitSetting&, const std::string& value);
  void take_relation(const UnitSetting&, const std::string& value);
  void take_command(const UnitSetting&, const std::string& value);
  void take_reload(const UnitSetting&, const std::string& value);
  void take_type(const UnitSetting&, const std::string& value);
  void take_pid_file(const UnitSetting& setting, const std::string& value) {
    pid_file_ = value;
    pid_file_setting_ = setting;
  }
  void take_user(const UnitSetting&, const std::string& value);
  void take_environment(const UnitSetting&, const std::string& value);
  void take_limit(const UnitSetting&, const std::string& value);
  void take_mask(const UnitSetting&, const std::string& value);
  void take_nice(const UnitSetting&, const std::string& value);
  void take_directory(const UnitSetting&, const std::string& value) { directory_ = value; }
  void take_root(const UnitSetting&, const std::string& value) { root_ = value; }
  void take_restart(const UnitSetting&, const std::string& value);
  void take_pause(const UnitSetting&, const std::string& value);
  void take_stop_time(const UnitSetting&, const std::string& value);
  void take_signal(const UnitSetting&, const std::string& value);
  void take_hang_up(const UnitSetting&, const std::string& value) { service_.hang_up = is_true(value); }
  void take_kill(const UnitSetting&, const std::string& value) { kills_ = is_true(value); }
  void take_remain(const UnitSetting&, const std::string& value) { service_.stays_up_empty = is_true(value); }
  void take_stream(const UnitSetting&, const std::string& value);
  void take_option(const UnitSetting&, const std::string& value);
  void take_flag(const UnitSetting&, const std::string& value);
  void take_listener(const UnitSetting&, const std::string& value);
  void take_accept(const UnitSetting&, const std::string& value);
  void take_default(const UnitSetting&, const std::string& value);
  void take_kill_mode(const UnitSetting&, const std::string& value);

 private:
  void handle(const UnitSetting& setting);
  void lose(const UnitSetting& setting, std::string why, std::string advice = {});
  void lose_stray(const StrayLine& stray);
  [[nodiscard]] const Key* key_of(const UnitSetting& setting) const;

  Body run_body();
  void add_process_steps(Command& command);
  void add_program(Command& command, const UnitCommand& main);
  [[nodiscard]] bool needs_tool(const CommandLine& main) const;
  Words tool_words(bool privileged) const;
  void set_life();
  void set_finish();
  void add_foreground_option();
  [[nodiscard]] std::vector<CommandLine>& list(std::string_view key) { return lines_[std::string(key)]; }

  UnitName name_;
  ServiceDefinition service_;
  std::vector<Loss> losses_;
  const Key* current_ = nullptr;

  std::map<std::string, std::vector<CommandLine>> lines_;
  std::string user_, group_, type_ = "simple", pid_file_, directory_, root_, output_ = "journal",
                             error_ = "inherit";
  std::optional<UnitSetting> type_setting_, restart_setting_, user_setting_, pid_file_setting_,
      stop_time_setting_;
  Words groups_;
  std::vector<Step> variables_, limits_, others_, streams_;
  std::string restart_ = "no", kill_mode_;
  bool kills_ = true, accepts_ = false;
  Words options_;    ///< of kindred run, for what there is no step
  Words listeners_;  ///< likewise, those of the socket
  Words comments_;
  std::optional<Duration> stop_time_ = std::chrono::seconds(90);
};

// Keys of one meaning: what the handler has to know of them is beside them.
constexpr Key kKeys[] = {
    {"Unit", "Description", &UnitReader::take_description},
    {"Unit", "Documentation", &UnitReader::take_comment},
    {"Unit", "SourcePath", &UnitReader::take_comment},
    {"Unit", "After", &UnitReader::take_relation},
    {"Unit", "Before", &UnitReader::take_relation},
    {"Unit", "Wants", &UnitReader::take_relation},
    {"Unit", "Requires", &UnitReader::take_relation},
    {"Unit", "Requisite", &UnitReader::take_relation},
    {"Unit", "BindsTo", &UnitReader::take_relation},
    {"Unit", "Conflicts", &UnitReader::take_relation},
    {"Install", "WantedBy", &UnitReader::take_relation},
    {"Install", "RequiredBy", &UnitReader::take_relation},
    {"Service", "ExecStart", &UnitReader::take_command},
    {"Service", "ExecStartPre", &UnitReader::take_command},
    {"Service", "ExecStopPost", &UnitReader::take_command},
    {"Service", "ExecReload", &UnitReader::take_reload},
    {"Service", "Type", &UnitReader::take_type},
    {"Service", "PIDFile", &UnitReader::take_pid_file},
    {"Service", "User", &UnitReader::take_user},
    {"Service", "Group", &UnitReader::take_user},
    {"Service", "SupplementaryGroups", &UnitReader::take_user},
    {"Service", "Environment", &UnitReader::take_environment},
    {"Service", "UnsetEnvironment", &UnitReader::take_environment},
    {"Service", "UMask", &UnitReader::take_mask},
    {"Service", "Nice", &UnitReader::take_nice},
    {"Service", "WorkingDirectory", &UnitReader::take_directory},
    {"Service", "RootDirectory", &UnitReader::take_root},
    {"Service", "LimitNOFILE", &UnitReader::take_limit, "o"},
    {"Service", "LimitNPROC", &UnitReader::take_limit, "p"},
    {"Service", "LimitCORE", &UnitReader::take_limit, "c"},
    {"Service", "LimitFSIZE", &UnitReader::take_limit, "f"},
    {"Service", "LimitDATA", &UnitReader::take_limit, "d"},
    {"Service", "LimitSTACK", &UnitReader::take_limit, "s"},
    {"Service", "LimitAS", &UnitReader::take_limit, "a"},
    {"Service", "LimitRSS", &UnitReader::take_limit, "r"},
    {"Service", "LimitMEMLOCK", &UnitReader::take_limit, "l"},
    {"Service", "LimitCPU", &UnitReader::take_limit, "t"},
    {"Service", "Restart", &UnitReader::take_restart},
    {"Service", "RestartSec", &UnitReader::take_pause},
    {"Service", "TimeoutStopSec", &UnitReader::take_stop_time},
    {"Service", "TimeoutSec", &UnitReader::take_stop_time},
    {"Service", "KillSignal", &UnitReader::take_signal},
    {"Service", "SendSIGHUP", &UnitReader::take_hang_up},
    {"Service", "SendSIGKILL", &UnitReader::take_kill},
    {"Service", "RemainAfterExit", &UnitReader::take_remain},
    {"Service", "StandardInput", &UnitReader::take_stream, "0"},
    {"Service", "StandardOutput", &UnitReader::take_stream, "1"},
    {"Service", "StandardError", &UnitReader::take_stream, "2"},
    // Said through the tool, in its own words.
    {"Service", "EnvironmentFile", &UnitReader::take_option, "environment-file"},
    {"Service", "RuntimeDirectory", &UnitReader::take_option, "runtime-directory"},
    {"Service", "RuntimeDirectoryMode", &UnitReader::take_option, "runtime-directory-mode"},
    {"Service", "StateDirectory", &UnitReader::take_option, "state-directory"},
    {"Service", "StateDirectoryMode", &UnitReader::take_option, "state-directory-mode"},
    {"Service", "CacheDirectory", &UnitReader::take_option, "cache-directory"},
    {"Service", "CacheDirectoryMode", &UnitReader::take_option, "cache-directory-mode"},
    {"Service", "LogsDirectory", &UnitReader::take_option, "logs-directory"},
    {"Service", "LogsDirectoryMode", &UnitReader::take_option, "logs-directory-mode"},
    {"Service", "ConfigurationDirectory", &UnitReader::take_option, "configuration-directory"},
    {"Service", "ConfigurationDirectoryMode", &UnitReader::take_option, "configuration-directory-mode"},
    {"Service", "CapabilityBoundingSet", &UnitReader::take_option, "capability-bounding-set"},
    {"Service", "AmbientCapabilities", &UnitReader::take_option, "ambient-capabilities"},
    {"Service", "ProtectSystem", &UnitReader::take_option, "protect-system"},
    {"Service", "ProtectHome", &UnitReader::take_option, "protect-home"},
    {"Service", "ReadOnlyPaths", &UnitReader::take_option, "read-only-paths"},
    {"Service", "ReadOnlyDirectories", &UnitReader::take_option, "read-only-paths"},
    {"Service", "ReadWritePaths", &UnitReader::take_option, "read-write-paths"},
    {"Service", "ReadWriteDirectories", &UnitReader::take_option, "read-write-paths"},
    {"Service", "InaccessiblePaths", &UnitReader::take_option, "inaccessible-paths"},
    {"Service", "InaccessibleDirectories", &UnitReader::take_option, "inaccessible-paths"},
    {"Service", "SystemCallFilter", &UnitReader::take_option, "system-call-filter"},
    {"Service", "SystemCallErrorNumber", &UnitReader::take_option, "system-call-error-number"},
    {"Service", "OOMScoreAdjust", &UnitReader::take_option, "oom-score-adjust"},
    {"Service", "WatchdogSec", &UnitReader::take_option, "watchdog-sec"},
    {"Service", "NoNewPrivileges", &UnitReader::take_flag, "no-new-privileges"},
    {"Service", "PrivateTmp", &UnitReader::take_flag, "private-tmp"},
    {"Service", "PrivateDevices", &UnitReader::take_flag, "private-devices"},
    {"Service", "PrivateNetwork", &UnitReader::take_flag, "private-network"},
    {"Service", "ProtectKernelTunables", &UnitReader::take_flag, "protect-kernel-tunables"},
    {"Service", "ProtectKernelModules", &UnitReader::take_flag, "protect-kernel-modules"},
    {"Service", "ProtectKernelLogs", &UnitReader::take_flag, "protect-kernel-logs"},
    {"Service", "ProtectControlGroups", &UnitReader::take_flag, "protect-control-groups"},
    {"Service", "ProtectClock", &UnitReader::take_flag, "protect-clock"},
    {"Service", "ProtectHostname", &UnitReader::take_flag, "protect-hostname"},
    {"Socket", "ListenStream", &UnitReader::take_listener, "listen-stream"},
    {"Socket", "ListenDatagram", &UnitReader::take_listener, "listen-datagram"},
    {"Socket", "ListenSequentialPacket", &UnitReader::take_listener, "listen-sequential-packet"},
    {"Socket", "ListenFIFO", &UnitReader::take_listener, "listen-fifo"},
    {"Socket", "SocketMode", &UnitReader::take_listener, "socket-mode"},
    {"Socket", "SocketUser", &UnitReader::take_listener, "socket-user"},
    {"Socket", "SocketGroup", &UnitReader::take_listener, "socket-group"},
    {"Socket", "Backlog", &UnitReader::take_listener, "backlog"},
    {"Socket", "FileDescriptorName", &UnitReader::take_listener, "file-descriptor-name"},
    {"Socket", "BindIPv6Only", &UnitReader::take_listener, "bind-ipv6-only"},
    {"Socket", "ReusePort", &UnitReader::take_listener, "reuse-port"},
    {"Socket", "FreeBind", &UnitReader::take_listener, "free-bind"},
    {"Socket", "Accept", &UnitReader::take_accept},
    // What is so in the family anyway, if it says this.
    {"Service", "KillMode", &UnitReader::take_kill_mode, ""},
    {"Service", "NotifyAccess", &UnitReader::take_default, "main all exec none"},
    {"Service", "IgnoreSIGPIPE", &UnitReader::take_default, "no false"},
    {"Service", "GuessMainPID", &UnitReader::take_default, "no false"},
    {"Service", "TTYReset", &UnitReader::take_default, "no false"},
    {"Service", "SyslogFacility", &UnitReader::take_default, "daemon"},
    {"Unit", "DefaultDependencies", &UnitReader::take_default, "yes true"},
    {"Unit", "IgnoreOnIsolate", &UnitReader::take_default, "no false"},
    {"Unit", "AllowIsolate", &UnitReader::take_default, "no false"},
};

/// Of the keys that nothing is made of: why, and what to do. The first whose beginning the key has.
struct Reason {
  std::string_view prefix, why, advice;
};
constexpr Reason kReasons[] = {
    {"Condition", "a service of the family starts whatever the machine is like",
     "test it at the beginning of run"},
    {"Assert", "a service of the family starts whatever the machine is like",
     "test it at the beginning of run"},
    {"ExecStop", "a service of the family is stopped by its signal",
     "put the command into a control script, or into finish"},
    {"ExecStartPost", "nothing is run once the service is up",
     "put it behind a wait in a service of its own"},
    {"ExecCondition", "a service of the family starts whatever the machine is like",
     "test it at the beginning of run"},
    {"StartLimit", "a supervisor of the family restarts for ever", "give it a restart back-off of kindred's"},
    {"WatchdogSignal", "it is ABRT", ""},
    {"TimeoutStart", "no supervisor of the family ends what is slow to start", ""},
    {"TimeoutAbort", "no supervisor of the family has a watchdog", ""},
    {"RuntimeMax", "no supervisor of the family ends what runs for long", "run it below timeout(1)"},
    {"SuccessExitStatus", "of an end only the code 0 is success", "test the code in finish"},
    {"RestartPreventExitStatus", "the codes are not told apart", "test the code in finish"},
    {"RestartForceExitStatus", "the codes are not told apart", "test the code in finish"},
    {"RestartKillSignal", "a restart is a stop and a start", ""},
    {"FinalKillSignal", "it is KILL", ""},
    {"OnFailure", "no service is started by the failure of another", "start it in finish"},
    {"OnSuccess", "no service is started by the end of another", "start it in finish"},
    {"PartOf", "a stop or a restart of the other does not stop this one", "stop both"},
    {"PropagatesReload", "services are told one by one", ""},
    {"ReloadPropagatedFrom", "services are told one by one", ""},
    {"JoinsNamespaceOf", "name spaces are each service's own", ""},
    {"RequiresMountsFor", "file systems are no services here", "mount them before, or test for them in run"},
    {"WantsMountsFor", "file systems are no services here", "mount them before"},
    {"BusName", "readiness is not asked of a bus", "let clients wait for the name"},
    {"Slice", "control groups are not the supervisor's", "have run moved to a group"},
    {"Delegate", "control groups are not the supervisor's", "have run moved to a group"},
    {"CPU", "control groups and schedulers are not the supervisor's",
     "set it in run with chrt, taskset or a group"},
    {"LockPersonality", "the tool does not have it", ""},
    {"MemoryDenyWriteExecute", "the tool does not have it", ""},
    {"RuntimeDirectoryPreserve", "the directory is never removed", ""},
    {"Memory", "control groups are not the supervisor's", "set the limit of a group that run is moved to"},
    {"Tasks", "control groups are not the supervisor's", "set the limit of a group that run is moved to"},
    {"IO", "control groups and schedulers are not the supervisor's", "set it in run with ionice or a group"},
    {"BlockIO", "control groups are not the supervisor's", "set the limit of a group that run is moved to"},
    {"Device", "control groups are not the supervisor's", "set modes on the devices"},
    {"IP", "control groups are not the supervisor's", "filter packets by the account"},
    {"Limit", "the family's tools have no such limit", "set it in run with prlimit(1)"},
    {"DynamicUser", "accounts are not made while services start", "make an account for the service"},
    {"Restrict", "the tool does not have it", ""},
    {"SystemCall", "the tool does not have it", ""},
    {"Protect", "the tool does not have it", ""},
    {"Private", "the tool does not have it", ""},
    {"Bind", "the tool does not have it", "mount it in run, behind unshare(1)"},
    {"Root", "the tool does not have it", ""},
    {"Mount", "the tool does not have it", "mount it in run, behind unshare(1)"},
    {"TemporaryFileSystem", "the tool does not have it", "mount it in run, behind unshare(1)"},
    {"NoExecPaths", "the tool does not have it", ""},
    {"ExecPaths", "the tool does not have it", ""},
    {"ProcSubset", "the tool does not have it", ""},
    {"Remove", "the tool does not have it", "clear the directory in run"},
    {"KeyringMode", "the tool does not have it", ""},
    {"SecureBits", "the tool does not have it", ""},
    {"UtmpIdentifier", "log-ins are the terminal program's", ""},
    {"UtmpMode", "log-ins are the terminal program's", ""},
    {"AppArmor", "labels are not the supervisor's", "run it below aa-exec(1)"},
    {"SELinux", "labels are not the supervisor's", "run it below runcon(1)"},
    {"Load", "credentials are the manager's", "give the file's own path to the service"},
    {"SetCredential", "credentials are the manager's", "write them into a file"},
    {"ImportCredential", "credentials are the manager's", "give the file's own path to the service"},
    {"TTY", "terminals are a getty's", ""},
    {"Syslog", "what is logged goes to the service's log, as it is", "prefix the lines in the logger"},
    {"Log", "what is logged goes to the service's log, as it is", "choose the lines in the logger"},
    {"FileDescriptorStore", "descriptors end with the process", ""},
    {"OOMPolicy", "the supervisor is not told of it", ""},
    {"ManagedOOM", "the supervisor is not told of it", ""},
    {"Also", "each unit is converted for itself", "convert that unit, too"},
    {"Alias", "a service has one name", "link the service directory by the other name"},
    {"DefaultInstance", "an instance is a service directory of its own", ""},
    {"Default", "the order among services is not the supervisor's", ""},
    {"StopWhenUnneeded", "services are stopped by those who started them", ""},
    {"Refuse", "who may command is said by permissions", ""},
    {"CollectMode", "nothing is collected", ""},
    {"Reboot", "the supervisor is not the machine's", ""},
    {"FailureAction", "the supervisor is not the machine's", "do it in finish"},
    {"SuccessAction", "the supervisor is not the machine's", "do it in finish"},
    {"JobTimeout", "there are no jobs", ""},
    {"Upheld", "a supervisor upholds its services itself", ""},
    {"Timer", "the family has no timers", "run it from cron(8), or from a loop that sleeps"},
};

const Reason& reason_for(std::string_view key) {
  static constexpr Reason kUnknown = {"", "the conversion knows no such key", ""};
  const auto* const found = std::find_if(std::begin(kReasons), std::end(kReasons), [&](const Reason& reason) {
    return key.starts_with(reason.prefix);
  });
  return found != std::end(kReasons) ? *found : kUnknown;
}

void UnitReader::lose(const UnitSetting& setting, std::string why, std::string advice) {
  losses_.push_back({setting.file, static_cast<unsigned>(setting.line), setting.key + "=" + setting.value,
                     std::move(why), std::move(advice)});
}

void UnitReader::lose_stray(const StrayLine& stray) {
  losses_.push_back({stray.file, static_cast<unsigned>(stray.line), stray.text,
                     "it is neither a section nor a setting", ""});
}

const Key* UnitReader::key_of(const UnitSetting& setting) const {
  for (const Key& key : kKeys)
    if (key.section == setting.section && key.name == setting.key) return &key;
  return nullptr;
}

void UnitReader::handle(const UnitSetting& setting) {
  // Others' own sections say so in their name.
  if (setting.section.starts_with("X-") || setting.key.starts_with("X-")) return;
  current_ = key_of(setting);
  if (current_ == nullptr) {
    const Reason& reason = reason_for(setting.key);
    return lose(setting, std::string(reason.why), std::string(reason.advice));
  }
  const ReplacedText replaced = replace_specifiers(setting.value, name_, user_);
  if (replaced.unknown)
    lose(setting, std::string("what %") + *replaced.unknown + " stands for is not known beforehand",
         "write it out");
  (this->*current_->handler)(setting, replaced.text);
}

void UnitReader::read(const UnitFile& unit) {
  // Whom %u means is said before all that may ask.
  for (const UnitSetting& setting : unit.settings)
    if (setting.section == "Service" && setting.key == "User")
      user_ = replace_specifiers(setting.value, name_, "").text;
  for (const UnitSetting& setting : unit.settings) handle(setting);
  for (const StrayLine& stray : unit.strays) lose_stray(stray);
}

// --- handlers ---

/// A socket's is not the service's.
void UnitReader::take_description(const UnitSetting& setting, const std::string& value) {
  if (setting.file.ends_with(".socket"))
    comments_.push_back(" Socket: " + value);
  else
    service_.description = value;
}

void UnitReader::take_comment(const UnitSetting& setting, const std::string& value) {
  if (!value.empty()) comments_.push_back(" " + setting.key + ": " + value);
}

void UnitReader::take_relation(const UnitSetting& setting, const std::string& value) {
  using Kind = Relation::Kind;
  constexpr std::pair<std::string_view, Kind> kKinds[] = {
      {"After", Kind::After},         {"Before", Kind::Before},     {"Wants", Kind::Wants},
      {"Requires", Kind::Requires},   {"Requisite", Kind::Expects}, {"BindsTo", Kind::Requires},
      {"Conflicts", Kind::Conflicts}, {"WantedBy", Kind::WantedBy}, {"RequiredBy", Kind::RequiredBy}};
  const auto* const kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                        [&](const auto& each) { return each.first == setting.key; });
  if (value.empty())
    std::erase_if(service_.relations,
                  [&](const Relation& relation) { return relation.kind == kind->second; });
  const auto words = split_unit_words(value);
  if (!words) return lose(setting, "the quotes have no end");
  for (const std::string& word : *words) {
    std::string name = word;
    if (name.ends_with(".service")) name.erase(name.size() - std::string_view(".service").size());
    const Relation relation{kind->second, name};
    if (std::find(service_.relations.begin(), service_.relations.end(), relation) == service_.relations.end())
      service_.relations.push_back(relation);
  }
}

void UnitReader::take_command(const UnitSetting& setting, const std::string& value) {
  std::vector<CommandLine>& lines = list(setting.key);
  if (value.empty()) return lines.clear();
  auto commands = parse_unit_commands(value);
  if (!commands) return lose(setting, "it is no command line");
  lines.push_back({value, std::move(*commands), setting});
}

/// A kill of the service itself is what a supervisor does; anything else it cannot.
void UnitReader::take_reload(const UnitSetting& setting, const std::string& value) {
  if (value.empty()) return;
  const auto commands = parse_unit_commands(value);
  if (commands && commands->size() == 1) {
    const Words& words = commands->front().words;
    const bool kills =
        file_name(words[0]) == "kill" && (words.back() == "$MAINPID" || words.back() == "${MAINPID}");
    int signal = 0;
    if (kills && words.size() == 3 && words[1].starts_with('-'))
      signal = parse_signal(std::string_view(words[1]).substr(1));
    if (kills && words.size() == 4 && words[1] == "-s") signal = parse_signal(words[2]);
    if (signal != 0) {
      service_.reload_signal = signal;
      return;
    }
  }
  lose(setting, "a service is told to reload by a signal",
       "run the command by hand, or from a control script");
}

void UnitReader::take_type(const UnitSetting& setting, const std::string& value) {
  type_ = value.empty() ? "simple" : value;
  type_setting_ = setting;
}

void UnitReader::take_user(const UnitSetting& setting, const std::string& value) {
  if (setting.key == "User") {
    user_ = value;
    user_setting_ = setting;
  } else if (setting.key == "Group") {
    group_ = value;
  } else if (value.empty()) {
    groups_.clear();
  } else if (const auto words = split_unit_words(value)) {
    groups_.insert(groups_.end(), words->begin(), words->end());
  }
}

void UnitReader::take_environment(const UnitSetting& setting, const std::string& value) {
  const bool sets = setting.key == "Environment";
  if (value.empty()) {
    std::erase_if(variables_, [&](const Step& step) {
      return std::get<definition::SetVariable>(step).value.has_value() == sets;
    });
    return;
  }
  const auto words = split_unit_words(value);
  if (!words) return lose(setting, "the quotes have no end");
  for (const std::string& word : *words) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || (sets && equals == std::string::npos)) {
      lose(setting, word + " is no variable");
    } else if (sets) {
      variables_.emplace_back(definition::SetVariable{word.substr(0, equals), word.substr(equals + 1)});
    } else {
      variables_.emplace_back(definition::SetVariable{word.substr(0, equals), std::nullopt});
    }
  }
}

/// A number with a suffix of 1024s; nullopt within: no limit.
std::optional<std::optional<std::uint64_t>> parse_limit(std::string_view text) {
  if (text == "infinity") return std::optional<std::uint64_t>();
  constexpr std::string_view kSuffixes = "KMGTPE";
  unsigned shift = 0;
  if (const std::size_t at = text.empty() ? std::string_view::npos : kSuffixes.find(text.back());
      at != std::string_view::npos) {
    shift = 10 * static_cast<unsigned>(at + 1);
    text.remove_suffix(1);
  }
  const auto number = parse_unsigned<std::uint64_t>(text);
  if (!number || *number > UINT64_MAX >> shift) return std::nullopt;
  return std::optional(*number << shift);
}

void UnitReader::take_limit(const UnitSetting& setting, const std::string& value) {
  using definition::SetLimit;
  const char letter = current_->argument[0];
  const auto is_same = [&](const Step& step) { return std::get<SetLimit>(step).letter == letter; };
  std::erase_if(limits_, is_same);
  if (value.empty()) return;
  const std::size_t colon = value.find(':');
  std::string soft = value.substr(0, colon);
  std::string hard = colon == std::string::npos ? soft : value.substr(colon + 1);
  // Of processor time, spans are said, too.
  for (std::string* const text : {&soft, &hard})
    if (const auto span = letter == 't' ? parse_time_span(*text) : std::nullopt)
      *text = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*span).count());
  const auto soft_value = parse_limit(soft), hard_value = parse_limit(hard);
  if (!soft_value || !hard_value) return lose(setting, "it is no limit");
  if (*soft_value == *hard_value) {
    limits_.emplace_back(SetLimit{letter, SetLimit::Which::Both, *soft_value});
  } else {
    limits_.emplace_back(SetLimit{letter, SetLimit::Which::Hard, *hard_value});
    limits_.emplace_back(SetLimit{letter, SetLimit::Which::Soft, *soft_value});
  }
}

void UnitReader::take_mask(const UnitSetting& setting, const std::string& value) {
  constexpr unsigned kMost = 0777;
  unsigned mask = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), mask, 8);
  if (error != std::errc() || end != value.data() + value.size() || mask > kMost)
    return lose(setting, "it is no mask");
  std::erase_if(others_,
                [](const Step& step) { return std::holds_alternative<definition::SetFileMask>(step); });
  others_.emplace_back(definition::SetFileMask{mask});
}

void UnitReader::take_nice(const UnitSetting& setting, const std::string& value) {
  int increment = 0;
  const char* const begin = value.data() + (value.starts_with('+') ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, value.data() + value.size(), increment);
  if (error != std::errc() || end != value.data() + value.size() || increment < -20 || increment > 19)
    return lose(setting, "it is no niceness");
  std::erase_if(others_,
                [](const Step& step) { return std::holds_alternative<definition::AddNiceness>(step); });
  if (increment != 0) others_.emplace_back(definition::AddNiceness{increment});
}

void UnitReader::take_restart(const UnitSetting& setting, const std::string& value) {
  restart_ = value.empty() ? "no" : value;
  restart_setting_ = setting;
}

/// What every supervisor of the family waits anyway is no loss.
void UnitReader::take_pause(const UnitSetting& setting, const std::string& value) {
  const auto span = parse_time_span(value);
  if (span && *span <= std::chrono::seconds(1)) return;
  lose(setting, "a supervisor of the family waits as long as it always does, which is about a second",
       "sleep in finish, or give the service a restart back-off of kindred's");
}

void UnitReader::take_stop_time(const UnitSetting& setting, const std::string& value) {
  stop_time_setting_ = setting;
  if (value == "infinity" || value == "0") {
    stop_time_ = std::nullopt;
  } else if (const auto span = parse_time_span(value)) {
    stop_time_ = *span;
  } else {
    lose(setting, "it is no span of time");
  }
  if (setting.key == "TimeoutSec")
    lose(setting, "no supervisor of the family ends what is slow to start", "it counts for stopping alone");
}

void UnitReader::take_signal(const UnitSetting& setting, const std::string& value) {
  const int signal = parse_signal(value);
  if (signal == 0) return lose(setting, "it is no signal");
  service_.stop_signal = signal;
}

void UnitReader::take_stream(const UnitSetting& setting, const std::string& value) {
  using definition::OpenFile;
  const int descriptor = current_->argument[0] - '0';
  std::string what = value;
  std::erase_if(streams_,
                [&](const Step& step) { return std::get<OpenFile>(step).descriptor == descriptor; });
  const auto open = [&](std::string path, OpenFile::For how) {
    streams_.emplace_back(OpenFile{descriptor, std::move(path), how});
    what = "file";
  };
  for (const auto& [prefix, how] :
       {std::pair<std::string_view, OpenFile::For>{
            "file:", descriptor == 0 ? OpenFile::For::Reading : OpenFile::For::Writing},
        {"append:", OpenFile::For::Appending},
        {"truncate:", OpenFile::For::Writing}})
    if (value.starts_with(prefix)) open(value.substr(prefix.size()), how);
  if (value == "null") open("/dev/null", descriptor == 0 ? OpenFile::For::Reading : OpenFile::For::Writing);
  const bool log =
      value == "journal" || value == "syslog" || value == "inherit" || value.empty() || value == "kmsg";
  if (what != "file" && !(descriptor != 0 && log))
    lose(setting, "there is no such stream in the family", "redirect it in run");
  if (value == "kmsg") lose(setting, "what is logged goes to the service's log");
  if (descriptor == 1) output_ = what == "file" ? "file" : "journal";
  if (descriptor == 2) error_ = what == "file" ? "file" : "inherit";
}

/// An empty value takes back what was said before.
void UnitReader::take_option(const UnitSetting&, const std::string& value) {
  const std::string option = "--" + std::string(current_->argument);
  if (value.empty())
    std::erase_if(options_, [&](const std::string& word) { return word.starts_with(option + "="); });
  options_.push_back(option + "=" + value);
}

void UnitReader::take_flag(const UnitSetting& setting, const std::string& value) {
  const std::string option = "--" + std::string(current_->argument);
  std::erase(options_, option);
  if (is_true(value)) {
    options_.push_back(option);
  } else if (value != "no" && value != "false" && value != "off" && value != "0" && !value.empty()) {
    lose(setting, "the tool knows it on and off");
  }
}

void UnitReader::take_listener(const UnitSetting&, const std::string& value) {
  listeners_.push_back("--" + std::string(current_->argument) + "=" + value);
}

void UnitReader::take_accept(const UnitSetting& setting, const std::string& value) {
  accepts_ = is_true(value);
  if (accepts_)
    lose(setting, "a service of the family is one process, not one for each connection",
         "have run begin with a program that accepts connections");
}

void UnitReader::take_default(const UnitSetting& setting, const std::string& value) {
  const auto words = split_unit_words(current_->argument);
  if (value.empty() || std::find(words->begin(), words->end(), value) != words->end()) return;
  const Reason& reason = reason_for(setting.key);
  lose(setting, std::string(reason.why), std::string(reason.advice));
}

/// What is left of a service is ended below kindred's supervisor, and below no other.
void UnitReader::take_kill_mode(const UnitSetting& setting, const std::string& value) {
  kill_mode_ = value;
  if (value.empty() || value == "process" || value == "mixed") return;
  lose(setting,
       value == "control-group" ? "an original supervisor signals only the main process"
                                : "only the main process is signalled",
       "have the daemon end its own children");
}

// --- what it comes to ---

/// Daemons that stay in the foreground when they are told to.
struct Foreground {
  std::string_view program;
  std::string_view option;
};
constexpr Foreground kForeground[] = {{"sshd", "-D"},
                                      {"nginx", "-g daemon off;"},
                                      {"cron", "-f"},
                                      {"atd", "-f"},
                                      {"rsyslogd", "-n"},
                                      {"ntpd", "-n"},
                                      {"named", "-f"},
                                      {"dhcpd", "-f"},
                                      {"smbd", "-F"},
                                      {"nmbd", "-F"},
                                      {"winbindd", "-F"},
                                      {"inetd", "-i"},
                                      {"xinetd", "-dontfork"},
                                      {"snmpd", "-f"},
                                      {"snmptrapd", "-f"},
                                      {"slapd", "-d 0"},
                                      {"dnsmasq", "-k"},
                                      {"squid", "--foreground"},
                                      {"vsftpd", "-obackground=NO"},
                                      {"rpcbind", "-f"},
                                      {"rpc.statd", "-F"},
                                      {"rpc.mountd", "-F"},
                                      {"smartd", "-n"},
                                      {"chronyd", "-d"},
                                      {"apcupsd", "-b"},
                                      {"keepalived", "-n"},
                                      {"lldpd", "-d"},
                                      {"irqbalance", "-f"},
                                      {"acpid", "-f"},
                                      {"lighttpd", "-D"},
                                      {"monit", "-I"},
                                      {"uptimed", "-f"}};

/// A forking daemon is asked to stay, where it is known how; another is followed by the tool.
void UnitReader::add_foreground_option() {
  UnitCommand& main = list("ExecStart").back().commands.back();
  const auto* const known =
      std::find_if(std::begin(kForeground), std::end(kForeground),
                   [&](const Foreground& each) { return each.program == file_name(main.words[0]); });
  // One that has a value may be there with another one.
  const bool said_otherwise =
      known != std::end(kForeground) && known->option.find(' ') != std::string_view::npos &&
      std::find(main.words.begin(), main.words.end(), known->option.substr(0, known->option.find(' '))) !=
          main.words.end();
  if (known == std::end(kForeground) || said_otherwise) {
    options_.emplace_back("--type=forking");
    if (!pid_file_.empty()) options_.push_back("--pid-file=" + pid_file_);
    pid_file_setting_ = std::nullopt;
    return;
  }
  const auto option = known->program == "nginx" ? std::optional<Words>({"-g", "daemon off;"})
                                                : split_unit_words(known->option);
  if (std::find(main.words.begin(), main.words.end(), option->front()) == main.words.end())
    main.words.insert(main.words.begin() + 1, option->begin(), option->end());
}

bool UnitReader::needs_tool(const CommandLine& main) const {
  const UnitCommand& command = main.commands.back();
  const bool expands =
      command.expands && std::any_of(command.words.begin(), command.words.end(), has_variable);
  const auto before = lines_.find("ExecStartPre");
  const bool prepares = main.commands.size() > 1 || (before != lines_.end() && !before->second.empty());
  return expands || prepares || !options_.empty() || !listeners_.empty() || !groups_.empty() ||
         directory_.starts_with('~') || directory_.starts_with('-') ||
         service_.readiness.how == definition::Readiness::How::Socket;
}

/// All of the unit that is not a step, and, since what comes behind it is done by others, the account, too.
Words UnitReader::tool_words(bool privileged) const {
  Words words = {"kindred", "run"};
  if (service_.readiness.how == definition::Readiness::How::Socket) words.emplace_back("--notify");
  if (!accepts_) words.insert(words.end(), listeners_.begin(), listeners_.end());
  words.insert(words.end(), options_.begin(), options_.end());
  if (!root_.empty()) words.push_back("--root-directory=" + root_);
  if (!user_.empty() && !privileged) words.push_back("--user=" + user_);
  if (!group_.empty() && !privileged) words.push_back("--group=" + group_);
  for (const std::string& group : groups_)
    if (!privileged) words.push_back("--supplementary-groups=" + group);
  words.push_back("--working-directory=" + (directory_.empty() ? "/" : directory_));
  return words;
}

void UnitReader::add_process_steps(Command& command) {
  command.steps.insert(command.steps.end(), limits_.begin(), limits_.end());
  command.steps.insert(command.steps.end(), others_.begin(), others_.end());
  for (const Step& step : streams_) command.steps.push_back(step);
  // Without a word about it, errors go where the output goes.
  if (error_ == "inherit") command.steps.emplace_back(definition::CopyDescriptor{2, 1});
  command.steps.insert(command.steps.end(), variables_.begin(), variables_.end());
}

void UnitReader::add_program(Command& command, const UnitCommand& main) {
  const bool expands = main.expands && std::any_of(main.words.begin(), main.words.end(), has_variable);
  if (main.program_name) command.steps.emplace_back(definition::NameProgram{*main.program_name});
  for (const std::string& word : main.words)
    command.program.push_back(expands || !main.expands ? word : without_doubled_dollars(word));
}

Body UnitReader::run_body() {
  CommandLine& main = list("ExecStart").back();
  Command command;
  command.comments = comments_;
  add_process_steps(command);
  const UnitCommand& last = main.commands.back();
  if (needs_tool(main)) {
    Words words = tool_words(last.privileged);
    const auto add = [&](const UnitCommand& each) {
      words.push_back("--exec-start-pre=" + unit_command_text(each));
    };
    for (const CommandLine& line : list("ExecStartPre"))
      std::for_each(line.commands.begin(), line.commands.end(), add);
    // Of several one comes after the other, and the last is the service.
    const std::vector<CommandLine>& starts = list("ExecStart");
    for (auto line = starts.begin(); line + 1 != starts.end(); ++line)
      std::for_each(line->commands.begin(), line->commands.end(), add);
    std::for_each(main.commands.begin(), main.commands.end() - 1, add);
    if (last.expands && std::any_of(last.words.begin(), last.words.end(), has_variable))
      words.emplace_back("--expand-environment");
    command.steps.emplace_back(definition::RunThrough{std::move(words)});
  } else {
    if (!root_.empty()) command.steps.emplace_back(definition::ChangeRoot{root_});
    if (!user_.empty() && !last.privileged) {
      definition::Account account{user_};
      if (!group_.empty()) account.group = group_;
      account.all_groups = true;
      command.steps.emplace_back(definition::Become{account});
    } else if (!group_.empty() && !last.privileged) {
      command.steps.emplace_back(definition::RunThrough{{"kindred", "run", "--group=" + group_}});
    }
    command.steps.emplace_back(definition::EnterDirectory{directory_.empty() ? "/" : directory_});
  }
  add_program(command, last);
  Body body;
  body.file = main.setting.file;
  body.what = std::move(command);
  return body;
}

void UnitReader::set_life() {
  using definition::Readiness;
  if (type_ == "notify" || type_ == "notify-reload") {
    service_.readiness.how = Readiness::How::Socket;
    if (type_ == "notify-reload") service_.reload_signal = 1;
  } else if (type_ == "oneshot") {
    service_.readiness.how = Readiness::How::Exited;
  } else if (type_ == "dbus" && type_setting_) {
    lose(*type_setting_, "readiness is not asked of a bus", "it counts as ready when it runs");
  } else if (type_ == "idle" && type_setting_) {
    lose(*type_setting_, "a service does not wait for others to be done", "it starts at once");
  } else if (type_ != "simple" && type_ != "exec" && type_ != "forking" && type_setting_) {
    lose(*type_setting_, "there is no such type", "it is taken for simple");
  }
  constexpr std::pair<std::string_view, Restart> kRestarts[] = {{"no", Restart::Never},
                                                                {"always", Restart::Always},
                                                                {"on-failure", Restart::OnFailure},
                                                                {"on-success", Restart::OnSuccess},
                                                                {"on-abnormal", Restart::OnFailure},
                                                                {"on-abort", Restart::OnFailure},
                                                                {"on-watchdog", Restart::Never}};
  const auto* const restart = std::find_if(std::begin(kRestarts), std::end(kRestarts),
                                           [&](const auto& each) { return each.first == restart_; });
  if (restart == std::end(kRestarts)) {
    if (restart_setting_) lose(*restart_setting_, "it is none of systemd's words", "it is taken for no");
    service_.restart = Restart::Never;
  } else {
    service_.restart = restart->second;
    if ((restart_ == "on-abnormal" || restart_ == "on-abort") && restart_setting_)
      lose(*restart_setting_, "a code and a signal are not told apart", "it is taken for on-failure");
    if (restart_ == "on-watchdog" && restart_setting_)
      lose(*restart_setting_, "no supervisor of the family has a watchdog", "it is taken for no");
  }
  if (kills_)
    service_.kill_after = stop_time_;
  else if (stop_time_setting_)
    lose(*stop_time_setting_, "what is not killed is waited for without an end");
}

/// Commands after the end of each run: each of them, whatever comes of the one before.
void UnitReader::set_finish() {
  const std::vector<CommandLine>& lines = list("ExecStopPost");
  if (lines.empty()) return;
  Command command;
  Words words = {"kindred", "run"};
  if (!user_.empty()) words.push_back("--user=" + user_);
  for (const CommandLine& line : lines) {
    for (UnitCommand each : line.commands) {
      each.ignores_failure = true;
      words.push_back("--exec-start-pre=" + unit_command_text(each));
    }
    if (line.text.find("SERVICE_RESULT") != std::string::npos || line.text.find("EXIT_") != std::string::npos)
      lose(line.setting, "how the service ended is told in arguments, not in variables",
           "read finish's arguments");
  }
  command.steps.emplace_back(definition::RunThrough{std::move(words)});
  command.program = {"true"};
  Body body;
  body.file = lines.front().setting.file;
  body.what = std::move(command);
  service_.finish = std::move(body);
}

ReadDefinition UnitReader::finish() {
  set_life();
  if (list("ExecStart").empty()) {
    losses_.push_back({name_.full(), 0, "ExecStart=", "there is no command to run", "write run by hand"});
  } else {
    if (type_ == "forking") add_foreground_option();
    const bool is_held = std::find(options_.begin(), options_.end(), "--type=forking") != options_.end();
    if (kill_mode_ == "control-group" || kill_mode_ == "mixed" || (is_held && kill_mode_.empty()))
      service_.tree = TreeWish{};
    if (pid_file_setting_)
      lose(*pid_file_setting_, "a supervisor knows its child without a file",
           "remove the file in finish, if it matters");
    const CommandLine& main = list("ExecStart").back();
    if (main.commands.back().privileged && user_setting_)
      lose(*user_setting_, "the command asks to be run with all privileges",
           "give it the directories that it needs");
    if (main.commands.back().ignores_failure && service_.restart == Restart::OnFailure)
      lose(main.setting, "what fails is started again", "end it with a shell that succeeds");
    service_.run = run_body();
    set_finish();
  }
  if (name_.instance == "")
    losses_.push_back({name_.full(), 0, "%i", "a template is no service before it has an instance",
                       "convert NAME@INSTANCE.service"});
  return {std::move(service_), std::move(losses_)};
}

// --- which file is whose ---

struct UnitSources {
  UnitFile service, socket;
  bool has_service = false;
};

/// The unit that a file belongs to: itself, or that of the directory UNIT.d.
std::string unit_of(std::string_view path) {
  const std::string_view directory = file_name(directory_of(path));
  if (path.ends_with(".conf") && directory.ends_with(".d"))
    return std::string(directory.substr(0, directory.size() - 2));
  return std::string(file_name(path));
}

}  // namespace

std::vector<ReadDefinition> read_systemd_units(std::span<const SourceFile> files) {
  std::map<std::string, UnitSources> units;
  std::vector<Loss> others;
  for (const SourceFile& file : files) {
    const UnitName name = parse_unit_name(file.unit.empty() ? unit_of(file.path) : file.unit);
    UnitFile unit = parse_unit_file(file.bytes, file.path);
    if (name.suffix == ".service") {
      units[name.bare()].service.append(std::move(unit));
      units[name.bare()].has_service = true;
    } else if (name.suffix == ".socket") {
      units[name.bare()].socket.append(std::move(unit));
    } else {
      others.push_back(
          {file.path, 0, name.full(), "it is no service and no socket",
           name.suffix == ".timer" ? "run the service from cron(8), or from a loop that sleeps" : ""});
    }
  }
  // Of a socket with Accept=yes the service is a template.
  for (auto& [name, sources] : units)
    if (!sources.has_service && units.contains(name + "@"))
      units[name + "@"].socket.append(std::move(sources.socket));
  std::vector<ReadDefinition> all;
  for (auto& [name, sources] : units) {
    if (!sources.has_service && units.contains(name + "@")) continue;
    UnitReader reader(parse_unit_name(name + ".service"));
    reader.read(sources.service);
    reader.read(sources.socket);
    all.push_back(reader.finish());
  }
  if (all.empty() && !others.empty()) all.emplace_back();
  if (!others.empty()) {
    std::vector<Loss>& losses = all.front().losses;
    losses.insert(losses.end(), others.begin(), others.end());
  }
  return all;
}

}  // namespace kindred
