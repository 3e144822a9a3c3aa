#include "core/run/run_plan.h"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "core/base/number.h"
#include "core/definition/time_span.h"

namespace kindred {
namespace {

/// The options that make sockets come before those which say how, in units: all are made at the end.
struct SocketWords {
  struct Listener {
    std::string kind, address;
  };
  std::vector<Listener> listeners;
  FileOwnership ownership;
  int backlog = 128;
  bool both_versions = true, reuses_port = false, binds_anything = false;
};

struct Parsing {
  RunPlan plan;
  SocketWords sockets;
  std::optional<int> filter_error;
};

/// What is wrong with the value; "" where nothing is.
using Take = std::string (*)(Parsing&, const std::string& value);

struct RunOption {
  std::string_view name;
  const char* value;  ///< null: it takes none
  Take take;
};

std::string take_words(const std::string& value, std::vector<std::string>& list) {
  if (value.empty()) {
    list.clear();
    return "";
  }
  const auto words = split_unit_words(value);
  if (!words) return "quotes without an end";
  list.insert(list.end(), words->begin(), words->end());
  return "";
}

template <std::vector<std::string> Room::*List>
std::string take_paths(Parsing& parsing, const std::string& value) {
  return take_words(value, parsing.plan.room.*List);
}

template <bool Room::*Flag>
std::string set_room(Parsing& parsing, const std::string&) {
  parsing.plan.room.*Flag = true;
  return "";
}

template <bool RunPlan::*Flag>
std::string set_flag(Parsing& parsing, const std::string&) {
  parsing.plan.*Flag = true;
  return "";
}

std::optional<mode_t> parse_mode(std::string_view text) {
  constexpr unsigned kMost = 07777;
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || mode > kMost)
    return std::nullopt;
  return mode;
}

ServiceDirectories& directories_of(RunPlan& plan, std::string_view option) {
  constexpr ServiceDirectories kKinds[] = {{"runtime-directory", "/run", "RUNTIME_DIRECTORY"},
                                           {"state-directory", "/var/lib", "STATE_DIRECTORY"},
                                           {"cache-directory", "/var/cache", "CACHE_DIRECTORY"},
                                           {"logs-directory", "/var/log", "LOGS_DIRECTORY"},
                                           {"configuration-directory", "/etc", "CONFIGURATION_DIRECTORY"}};
  for (ServiceDirectories& each : plan.directories)
    if (each.option == option) return each;
  return plan.directories.emplace_back(*std::find_if(
      std::begin(kKinds), std::end(kKinds), [&](const auto& kind) { return kind.option == option; }));
}

/// A name that stays below its place.
bool stays_below(std::string_view name) {
  if (name.empty() || name[0] == '/') return false;
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('/'));
    if (part == "..") return false;
    name.remove_prefix(std::min(name.size(), part.size() + 1));
  }
  return true;
}

template <std::size_t Length>
struct OptionName {
  char text[Length];
  consteval OptionName(const char (&name)[Length]) { std::copy_n(name, Length, text); }
};

template <OptionName Name>
std::string take_directories(Parsing& parsing, const std::string& value) {
  std::vector<std::string>& names = directories_of(parsing.plan, Name.text).names;
  std::vector<std::string> more;
  if (std::string wrong = take_words(value, more); !wrong.empty()) return wrong;
  if (value.empty()) names.clear();
  for (std::string& name : more) {
    // Behind a colon are links to it, for which there is no need here.
    name = name.substr(0, name.find(':'));
    if (!stays_below(name)) return "no name below a directory";
    names.push_back(std::move(name));
  }
  return "";
}

template <OptionName Name>
std::string take_directory_mode(Parsing& parsing, const std::string& value) {
  const auto mode = parse_mode(value);
  if (!mode) return "no mode";
  directories_of(parsing.plan, Name.text).mode = *mode;
  return "";
}

std::string take_system(Parsing& parsing, const std::string& value) {
  using System = Room::System;
  constexpr std::pair<std::string_view, System> kWords[] = {
      {"yes", System::Programs}, {"true", System::Programs},  {"1", System::Programs},
      {"on", System::Programs},  {"full", System::Full},      {"strict", System::Strict},
      {"no", System::Writable},  {"false", System::Writable}, {"0", System::Writable},
      {"off", System::Writable}, {"", System::Writable}};
  for (const auto& [word, system] : kWords)
    if (word == value) {
      parsing.plan.room.system = system;
      return "";
    }
  return "neither yes, full, strict nor no";
}

std::string take_homes(Parsing& parsing, const std::string& value) {
  using Homes = Room::Homes;
  constexpr std::pair<std::string_view, Homes> kWords[] = {
      {"yes", Homes::Hidden},  {"true", Homes::Hidden},        {"1", Homes::Hidden}, {"on", Homes::Hidden},
      {"tmpfs", Homes::Empty}, {"read-only", Homes::ReadOnly}, {"no", Homes::There}, {"false", Homes::There},
      {"0", Homes::There},     {"off", Homes::There},          {"", Homes::There}};
  for (const auto& [word, homes] : kWords)
    if (word == value) {
      parsing.plan.room.homes = homes;
      return "";
    }
  return "neither yes, tmpfs, read-only nor no";
}

std::string take_bounding(Parsing& parsing, const std::string& value) {
  const auto set = change_capabilities(parsing.plan.bounding, value);
  if (!set) return "no capability";
  parsing.plan.bounding = *set;
  return "";
}

std::string take_ambient(Parsing& parsing, const std::string& value) {
  const auto set = change_capabilities(parsing.plan.ambient, value);
  if (!set) return "no capability";
  parsing.plan.ambient = value.empty() ? 0 : *set;
  return "";
}

/// Of what a service may not do, some is a capability, and some a system call.
std::string forbid(Parsing& parsing, const char* capabilities, const char* calls) {
  RunPlan& plan = parsing.plan;
  if (capabilities != nullptr) plan.bounding = change_capabilities(plan.bounding, capabilities);
  auto guard = change_filter(plan.guard.value_or(SystemCallFilter{.error = EPERM}), calls);
  if (!guard) return guard.error().operation;
  plan.guard = std::move(*guard);
  return "";
}

std::string take_filter(Parsing& parsing, const std::string& value) {
  if (value.empty()) {
    parsing.plan.filter = std::nullopt;
    return "";
  }
  auto filter = change_filter(parsing.plan.filter, value);
  if (!filter) return filter.error().operation + ": " + filter.error().object;
  parsing.plan.filter = std::move(*filter);
  return "";
}

std::string take_filter_error(Parsing& parsing, const std::string& value) {
  const auto error = parse_error_number(value);
  if (!error) return "no error number";
  parsing.filter_error = error;
  return "";
}

template <OptionName Kind>
std::string take_listener(Parsing& parsing, const std::string& value) {
  if (value.empty())
    std::erase_if(parsing.sockets.listeners, [](const auto& each) { return each.kind == Kind.text; });
  else
    parsing.sockets.listeners.push_back({Kind.text, value});
  return "";
}

std::string take_command(Parsing& parsing, const std::string& value) {
  auto commands = parse_unit_commands(value);
  if (!commands) return "no command line";
  std::vector<UnitCommand>& before = parsing.plan.before;
  before.insert(before.end(), commands->begin(), commands->end());
  return "";
}

std::string take_working_directory(Parsing& parsing, const std::string& value) {
  RunPlan& plan = parsing.plan;
  plan.working_directory_may_be_missing = value.starts_with('-');
  plan.working_directory = plan.working_directory_may_be_missing ? value.substr(1) : value;
  plan.home_is_working_directory = plan.working_directory == "~";
  return "";
}

std::string take_file(Parsing& parsing, const std::string& value) {
  std::vector<EnvironmentFile>& files = parsing.plan.environment_files;
  const bool optional = value.starts_with('-');
  if (value.empty())
    files.clear();
  else
    files.push_back({optional ? value.substr(1) : value, optional});
  return "";
}

template <class Number, Number Least, Number Most>
std::optional<Number> parse_number(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number < Least ||
      number > Most)
    return std::nullopt;
  return number;
}

std::string take_oom_score(Parsing& parsing, const std::string& value) {
  parsing.plan.oom_score = parse_number<int, -1000, 1000>(value);
  return parsing.plan.oom_score ? "" : "no number from -1000 to 1000";
}

std::string take_descriptor(Parsing& parsing, const std::string& value) {
  parsing.plan.notify_descriptor = parse_number<int, 0, 65535>(value);
  return parsing.plan.notify_descriptor ? "" : "no descriptor";
}

std::string take_watchdog(Parsing& parsing, const std::string& value) {
  parsing.plan.watchdog = parse_time_span(value);
  if (!parsing.plan.watchdog) return "no span of time";
  if (parsing.plan.watchdog->count() == 0) parsing.plan.watchdog = std::nullopt;
  return "";
}

std::string take_type(Parsing& parsing, const std::string& value) {
  parsing.plan.follows = value == "forking";
  parsing.plan.notifies = parsing.plan.notifies || value == "notify";
  const bool known = value == "forking" || value == "notify" || value == "simple" || value == "exec";
  return known ? "" : "neither simple, exec, notify nor forking";
}

constexpr RunOption kOptions[] = {{"ambient-capabilities", "CAPABILITY...", take_ambient},
                                  {"backlog", "NUMBER",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     const auto number = parse_number<int, 0, 1 << 20>(value);
                                     parsing.sockets.backlog = number.value_or(0);
                                     return number ? "" : "no number";
                                   }},
                                  {"bind-ipv6-only", "default|both|ipv6-only",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.sockets.both_versions = value != "ipv6-only";
                                     return value == "default" || value == "both" || value == "ipv6-only"
                                                ? ""
                                                : "neither default, both nor ipv6-only";
                                   }},
                                  {"cache-directory", "NAME...", take_directories<"cache-directory">},
                                  {"cache-directory-mode", "MODE", take_directory_mode<"cache-directory">},
                                  {"capability-bounding-set", "[~]CAPABILITY...", take_bounding},
                                  {"configuration-directory", "NAME...",
                                   take_directories<"configuration-directory">},
                                  {"configuration-directory-mode", "MODE",
                                   take_directory_mode<"configuration-directory">},
                                  {"environment-file", "[-]FILE", take_file},
                                  {"exec-start-pre", "COMMAND LINE", take_command},
                                  {"expand-environment", nullptr, set_flag<&RunPlan::expands>},
                                  {"file-descriptor-name", "NAME",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     std::string& names = parsing.plan.listener_names;
                                     names += (names.empty() ? "" : ":") + value;
                                     return value.find(':') == std::string::npos ? "" : "a colon in a name";
                                   }},
                                  {"free-bind", "yes|no",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.sockets.binds_anything =
                                         value == "yes" || value == "true" || value == "1";
                                     return "";
                                   }},
                                  {"group", "GROUP",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.plan.group = value;
                                     return value.empty() ? "no name" : "";
                                   }},
                                  {"inaccessible-paths", "[-]PATH...", take_paths<&Room::hidden>},
                                  {"listen-datagram", "ADDRESS", take_listener<"datagram">},
                                  {"listen-fifo", "PATH", take_listener<"fifo">},
                                  {"listen-sequential-packet", "PATH", take_listener<"sequential-packet">},
                                  {"listen-stream", "ADDRESS", take_listener<"stream">},
                                  {"logs-directory", "NAME...", take_directories<"logs-directory">},
                                  {"logs-directory-mode", "MODE", take_directory_mode<"logs-directory">},
                                  {"no-new-privileges", nullptr, set_flag<&RunPlan::no_new_privileges>},
                                  {"notify", nullptr, set_flag<&RunPlan::notifies>},
                                  {"notify-fd", "DESCRIPTOR", take_descriptor},
                                  {"notify-file", "PATH",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.plan.notify_file = value;
                                     return value.empty() ? "no path" : "";
                                   }},
                                  {"oom-score-adjust", "NUMBER", take_oom_score},
                                  {"pid-file", "PATH",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.plan.pid_file =
                                         value.starts_with('/') || value.empty() ? value : "/run/" + value;
                                     return "";
                                   }},
                                  {"private-devices", nullptr,
                                   [](Parsing& parsing, const std::string&) {
                                     parsing.plan.room.private_devices = true;
                                     return forbid(parsing, "~CAP_MKNOD CAP_SYS_RAWIO", "~@raw-io");
                                   }},
                                  {"private-network", nullptr, set_flag<&RunPlan::own_network>},
                                  {"private-tmp", nullptr, set_room<&Room::private_tmp>},
                                  {"protect-clock", nullptr,
                                   [](Parsing& parsing, const std::string&) {
                                     return forbid(parsing, "~CAP_SYS_TIME CAP_WAKE_ALARM", "~@clock");
                                   }},
                                  {"protect-control-groups", nullptr, set_room<&Room::groups_read_only>},
                                  {"protect-home", "yes|tmpfs|read-only|no", take_homes},
                                  {"protect-hostname", nullptr,
                                   [](Parsing& parsing, const std::string&) {
                                     parsing.plan.own_host_name = true;
                                     return forbid(parsing, nullptr, "~sethostname setdomainname");
                                   }},
                                  {"protect-kernel-logs", nullptr,
                                   [](Parsing& parsing, const std::string&) {
                                     return forbid(parsing, "~CAP_SYSLOG", "~syslog");
                                   }},
                                  {"protect-kernel-modules", nullptr,
                                   [](Parsing& parsing, const std::string&) {
                                     return forbid(parsing, "~CAP_SYS_MODULE", "~@module");
                                   }},
                                  {"protect-kernel-tunables", nullptr, set_room<&Room::tunables_read_only>},
                                  {"protect-system", "yes|full|strict|no", take_system},
                                  {"read-only-paths", "[-]PATH...", take_paths<&Room::read_only>},
                                  {"read-write-paths", "[-]PATH...", take_paths<&Room::writable>},
                                  {"reuse-port", "yes|no",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.sockets.reuses_port =
                                         value == "yes" || value == "true" || value == "1";
                                     return "";
                                   }},
                                  {"root-directory", "PATH",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.plan.root = value;
                                     return "";
                                   }},
                                  {"runtime-directory", "NAME...", take_directories<"runtime-directory">},
                                  {"runtime-directory-mode", "MODE",
                                   take_directory_mode<"runtime-directory">},
                                  {"socket-group", "GROUP",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.sockets.ownership.group_name = value;
                                     return "";
                                   }},
                                  {"socket-mode", "MODE",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.sockets.ownership.mode = parse_mode(value);
                                     return parsing.sockets.ownership.mode ? "" : "no mode";
                                   }},
                                  {"socket-user", "USER",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.sockets.ownership.user_name = value;
                                     return "";
                                   }},
                                  {"state-directory", "NAME...", take_directories<"state-directory">},
                                  {"state-directory-mode", "MODE", take_directory_mode<"state-directory">},
                                  {"supplementary-groups", "GROUP...",
                                   [](Parsing& parsing, const std::string& value) {
                                     return take_words(value, parsing.plan.more_groups);
                                   }},
                                  {"system-call-error-number", "ERROR", take_filter_error},
                                  {"system-call-filter", "[~]CALL|@SET...", take_filter},
                                  {"type", "simple|exec|notify|forking", take_type},
                                  {"user", "USER",
                                   [](Parsing& parsing, const std::string& value) -> std::string {
                                     parsing.plan.user = value;
                                     return value.empty() ? "no name" : "";
                                   }},
                                  {"watchdog-sec", "TIME", take_watchdog},
                                  {"working-directory", "[-]PATH|~", take_working_directory}};

/// HOST:PORT, [V6]:PORT or PORT; a path; "@NAME" is none here.
Result<ChainStep> internet_step(const SocketWords& sockets, const std::string& address, bool datagrams) {
  const std::size_t colon = address.rfind(':');
  ListenInternet step;
  step.host = colon == std::string::npos ? "::" : address.substr(0, colon);
  step.port = colon == std::string::npos ? address : address.substr(colon + 1);
  if (step.host.size() > 1 && step.host.front() == '[' && step.host.back() == ']')
    step.host = step.host.substr(1, step.host.size() - 2);
  if (!parse_unsigned<std::uint16_t>(step.port)) return Error{0, "no address", address};
  step.addresses.datagrams = datagrams;
  step.backlog = sockets.backlog;
  step.reuses_port = sockets.reuses_port;
  step.binds_anything = sockets.binds_anything;
  step.both_versions = sockets.both_versions;
  step.passing.stacks = true;
  return ChainStep(step);
}

Result<ChainStep> listener_step(const SocketWords& sockets, const SocketWords::Listener& listener) {
  const bool path = listener.address.starts_with('/');
  const bool datagrams = listener.kind == "datagram";
  if (listener.kind == "fifo") {
    if (!path) return Error{0, "no path", listener.address};
    return ChainStep(ListenFifo{listener.address, sockets.ownership, {.stacks = true}});
  }
  if (!path && listener.kind != "sequential-packet")
    return internet_step(sockets, listener.address, datagrams);
  if (!path) return Error{0, "no path", listener.address};
  ListenLocal step;
  step.path = listener.address;
  step.type = datagrams ? SOCK_DGRAM : listener.kind == "stream" ? SOCK_STREAM : SOCK_SEQPACKET;
  step.backlog = sockets.backlog;
  step.ownership = sockets.ownership;
  step.passing.stacks = true;
  return ChainStep(step);
}

}  // namespace

Result<RunPlan> parse_run(std::span<const std::string> words) {
  Parsing parsing;
  std::size_t at = 0;
  for (; at < words.size() && words[at].starts_with("--"); ++at) {
    const std::string& word = words[at];
    if (word == "--") {
      ++at;
      break;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const auto* const option = std::find_if(std::begin(kOptions), std::end(kOptions),
                                            [&](const RunOption& each) { return each.name == name; });
    if (option == std::end(kOptions)) return Error{0, "no such option", word};
    if ((option->value != nullptr) != (equals != std::string::npos))
      return Error{0, option->value != nullptr ? "no value" : "a value", word};
    const std::string wrong =
        option->take(parsing, equals == std::string::npos ? "" : word.substr(equals + 1));
    if (!wrong.empty()) return Error{0, wrong, word};
  }
  for (const SocketWords::Listener& listener : parsing.sockets.listeners) {
    auto step = listener_step(parsing.sockets, listener);
    if (!step) return step.error();
    parsing.plan.listeners.push_back(std::move(*step));
  }
  if (parsing.plan.filter && parsing.filter_error) parsing.plan.filter->error = parsing.filter_error;
  parsing.plan.program.assign(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
  if (parsing.plan.program.empty()) return Error{0, "", "no program"};
  return std::move(parsing.plan);
}

std::string run_options_text() {
  std::string text;
  for (const RunOption& option : kOptions) {
    text.append("  --").append(option.name);
    if (option.value != nullptr) text.append("=").append(option.value);
    text += "\n";
  }
  return text;
}

}  // namespace kindred
