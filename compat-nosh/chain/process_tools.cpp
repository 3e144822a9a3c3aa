// Tools that change the process. Source: interfaces/nosh-system.md section 4.1.

#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <climits>

#include "compat-nosh/chain/parse.h"
#include "compat-nosh/chain/tool_words.h"

namespace kindred::nosh {
namespace {

constexpr long kMostMode = 07777;

/// "YES", "on" … nullopt: neither.
std::optional<bool> truth(std::string_view word) {
  const auto is = [&](std::string_view name) {
    return std::ranges::equal(word, name,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  };
  if (is("yes") || is("on") || is("true")) return true;
  if (is("no") || is("off") || is("false")) return false;
  return std::nullopt;
}

}  // namespace

ChainRequest parse_chdir(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "DIRECTORY PROGRAM...");
  return words.then(EnterDirectory{words.take("directory name")});
}

ChainRequest parse_chroot(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "DIRECTORY PROGRAM...");
  return words.then(ChangeRoot{words.take("directory name"), false});
}

ChainRequest parse_umask(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "MASK PROGRAM...");
  return words.then(SetFileMask{static_cast<mode_t>(words.take_number("mask", 0, kMostMode))});
}

ChainRequest parse_setsid(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "PROGRAM...");
  return words.then(LeadGroup{.failure = Trouble::Fatal});
}

ChainRequest parse_setpgrp(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "PROGRAM...");
  return words.then(LeadGroup{.session = false, .contented = true, .failure = Trouble::Fatal});
}

ChainRequest parse_setlogin(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "ACCOUNT PROGRAM...");
  return words.then(SetLoginUser{words.take("account name")});
}

ChainRequest parse_local_reaper(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "on|off PROGRAM...");
  const char* const word = words.take("enable setting");
  const auto setting = truth(word);
  if (!setting) words.complain({word, ": Bad enable setting."});
  return words.then(AdoptOrphans{setting.value_or(false)});
}

ChainRequest parse_oom_kill_protect(int argc, char** argv, const Environment& environment) {
  constexpr Option kOptions[] = {{0, "oknoaccess", "go on where it is not permitted"}};
  constexpr int kMost = 1000;
  ToolWords words(argc, argv, kOptions, "LEVEL|fromenv PROGRAM...");
  std::string level = words.take("level");
  if (level == "fromenv") {
    const auto value = environment.value("oomprotect");
    if (!value) words.complain({"oomprotect: Missing environment variable."});
    level = value.value_or("");
  }
  std::optional<long> score = parse_number(level.c_str());
  if (const auto word = truth(level)) score = *word ? -kMost : 0;
  if (!score || *score < -kMost || *score > kMost) words.complain({level, ": Bad level."});
  return words.then(SetOomScore{static_cast<int>(score.value_or(0)), words.has("oknoaccess")});
}

ChainRequest parse_setlock(int argc, char** argv, const Environment&) {
  constexpr Option kOptions[] = {
      {'n', "non-blocking", "do not wait for the lock"},
      {'x', "ignore", "end silently, and as if all were well, where it cannot be had"}};
  ToolWords words(argc, argv, kOptions, "FILE PROGRAM...");
  HoldLock step;
  step.path = words.take("lock file name");
  step.waits = !words.has("non-blocking");
  step.quiet = words.has("ignore");
  return words.then(std::move(step));
}

ChainRequest parse_exec(int argc, char** argv, const Environment&) {
  constexpr Option kOptions[] = {{'c', "clear", "with an empty environment"},
                                 {'l', "login", "with a hyphen in front of argv[0]"},
                                 {'a', "arg0", "with this argv[0]", true}};
  ToolWords words(argc, argv, kOptions, "PROGRAM...");
  std::vector<ChainStep> steps;
  if (words.has("clear")) steps.emplace_back(SetEnvironment{});
  std::optional<std::string> name = words.text("arg0");
  if (!words.ended() && words.rest().empty()) words.complain({"Missing next program."});
  if (words.has("login") && !words.ended()) name = "-" + name.value_or(words.rest().front());
  if (name) steps.emplace_back(NameProgram{*name});
  return words.request(std::move(steps));
}

ChainRequest parse_line_banner(int argc, char** argv, const Environment&) {
  constexpr Option kOptions[] = {{0, "NVT", "end the line as network virtual terminals do"}};
  ToolWords words(argc, argv, kOptions, "TEXT PROGRAM...");
  const std::string text = words.take("text");
  return words.then(WriteText{1, text + (words.has("NVT") ? "\r\n" : "\n")});
}

ChainRequest parse_unshare(int argc, char** argv, const Environment&) {
  struct Kind {
    const char* name;
    int flag;
  };
  constexpr Option kOptions[] = {
      {'n', "network", "a network namespace"},
      {'u', "uts", "a namespace for the host's name"},
      {'m', "mount", "a mount namespace"},
      {'i', "ipc", "a namespace for System V IPC"},
      {'p', "process", "a namespace for processes, for children only"},
      {0, "user", "a user namespace"},
  };
  constexpr Kind kKinds[] = {{"network", CLONE_NEWNET}, {"uts", CLONE_NEWUTS},     {"mount", CLONE_NEWNS},
                             {"ipc", CLONE_NEWIPC},     {"process", CLONE_NEWPID}, {"user", CLONE_NEWUSER}};
  ToolWords words(argc, argv, kOptions, "PROGRAM...");
  LeaveNamespaces step;
  for (const Kind& kind : kKinds)
    if (words.has(kind.name)) step.kinds |= kind.flag;
  return words.then(step);
}

ChainRequest parse_set_mount_object(int argc, char** argv, const Environment&) {
  struct State {
    std::string_view name;
    unsigned long kind;
  };
  constexpr Option kOptions[] = {{'n', "recursive", "with all mounts below it"}};
  constexpr State kStates[] = {{"shared", MS_SHARED}, {"slave", MS_SLAVE}, {"private", MS_PRIVATE}};
  ToolWords words(argc, argv, kOptions, "shared|slave|private DIRECTORY PROGRAM...");
  const std::string_view state = words.take("state");
  SetPropagation step;
  step.recursive = words.has("recursive");
  const auto* const known = std::ranges::find(kStates, state, &State::name);
  if (known != std::end(kStates))
    step.kind = known->kind;
  else
    words.complain({state, ": Bad state."});
  step.path = words.take("directory name");
  return words.then(std::move(step));
}

ChainRequest parse_make_private_fs(int argc, char** argv, const Environment&) {
  constexpr Option kOptions[] = {{'t', "temp", "/tmp, /var/tmp"},
                                 {'d', "devices", "/dev"},
                                 {0, "homes", "empty /home, /root, /run/user"},
                                 {'h', "hide", "this directory is empty, too", true}};
  ToolWords words(argc, argv, kOptions, "PROGRAM...");
  MakePrivate step{.temporary = words.has("temp"), .devices = words.has("devices")};
  if (words.has("homes")) step.hidden = {"/home", "/root", "/run/user"};
  for (const Arguments::Given& given : words.options())
    if (given.value != nullptr && given.option->name == std::string_view("hide"))
      step.hidden.emplace_back(given.value);
  return words.then(std::move(step));
}

ChainRequest parse_make_read_only_fs(int argc, char** argv, const Environment&) {
  struct Places {
    const char* option;
    std::initializer_list<const char*> paths;
  };
  constexpr Option kOptions[] = {{'o', "os", "/usr, /boot, /efi"},
                                 {'e', "etc", "/etc"},
                                 {'d', "homes", "/home, /root, /run/user"},
                                 {'s', "sysctl", "/proc/sys, /sys"},
                                 {'c', "cgroups", "/sys/fs/cgroup"},
                                 {'i', "include", "this directory, too", true},
                                 {'x', "except", "but not this directory", true}};
  static constexpr std::initializer_list<const char*> kOs = {"/usr", "/boot", "/efi"}, kEtc = {"/etc"},
                                                      kHomes = {"/home", "/root", "/run/user"},
                                                      kSysctl = {"/proc/sys", "/sys"},
                                                      kGroups = {"/sys/fs/cgroup"};
  const Places places[] = {
      {"os", kOs}, {"etc", kEtc}, {"homes", kHomes}, {"sysctl", kSysctl}, {"cgroups", kGroups}};
  ToolWords words(argc, argv, kOptions, "PROGRAM...");
  MakeReadOnly step;
  for (const Places& each : places)
    if (words.has(each.option)) step.paths.insert(step.paths.end(), each.paths.begin(), each.paths.end());
  for (const Arguments::Given& given : words.options()) {
    if (given.value == nullptr) continue;  // it is missing, which has been complained of
    if (given.option->name == std::string_view("include")) step.paths.emplace_back(given.value);
    if (given.option->name == std::string_view("except")) step.but.emplace_back(given.value);
  }
  return words.then(std::move(step));
}

ChainRequest parse_move_to_control_group(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, {}, "GROUP PROGRAM...");
  return words.then(JoinControlGroup{words.take("control group name")});
}

}  // namespace kindred::nosh
