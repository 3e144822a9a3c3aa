#include "compat-nosh/import/service_lines.h"

#include <initializer_list>
#include <span>

#include "compat-nosh/import/command_text.h"
#include "compat-nosh/import/group_lines.h"
#include "core/base/quoted_words.h"

namespace kindred::nosh {
namespace {

/// Whom it runs as, and where it says so.
struct Account {
  std::string user, group;
  bool supplementary = false;
  bool changed_root = false;      ///< names must be read before
  bool only_environment = false;  ///< it stays who it is

  [[nodiscard]] std::string line(std::string_view tool) const {
    ToolLine line(tool);
    line.option("--primary-group", group).option_if(supplementary, "--supplementary");
    return line.plain("--").word(user).text();
  }
  [[nodiscard]] bool ahead() const { return changed_root || only_environment; }
};

Account read_account(const UnitValues& service, bool quirks) {
  Account account;
  account.user = service.text("user");
  account.group = service.text("group");
  account.supplementary = service.flag("systemdusergroups") || quirks;
  account.changed_root = !service.text("rootdirectory").empty();
  account.only_environment = !account.user.empty() && service.flag("environmentuseronly");
  return account;
}

void read_scheduling(const UnitValues& service, ScriptLines& lines) {
  ToolLine ionice("ionice");
  ionice.option("--class", service.text("ioschedulingclass"));
  ionice.option("--classdata", service.text("ioschedulingpriority"));
  if (ionice.text() != "ionice") lines.add(ionice.text());

  const std::string policy = service.text("cpuschedulingpolicy");
  const std::string priority = service.text("cpuschedulingpriority");
  const bool reset = service.flag("cpuschedulingresetonfork");
  if (!policy.empty() || !priority.empty() || reset) {
    ToolLine chrt("chrt");
    chrt.option_if(reset, "--reset-on-fork");
    if (!policy.empty()) chrt.word("--" + policy);
    lines.add(chrt.word(priority.empty() ? "0" : priority).text());
  }

  ToolLine numactl("numactl");
  numactl.option("--interleave", service.text("numainterleave"))
      .option("--membind", service.text("numamembind"))
      .option("--cpunodebind", service.text("numacpunodebind"))
      .option("--physcpubind", service.text("numaphyscpubind"))
      .option_if(service.flag("numalocalalloc"), "--localalloc")
      .option("--preferred", service.text("numapreferred"));
  if (numactl.text() != "numactl") lines.add(numactl.text());

  std::string processors;
  for (const std::string& word : service.words("cpuaffinity"))
    processors += (processors.empty() ? "" : ",") + script_word(word);
  if (!processors.empty()) lines.add("taskset --cpu " + processors);
}

void read_niceness(const UnitValues& service, ScriptLines& lines) {
  const std::string nice = service.look("limitnice");
  if (nice.starts_with('+') || nice.starts_with('-')) lines.add("nice -n", service.text("limitnice"));
  const std::string adjustment = service.text("oomscoreadjust");
  if (!adjustment.empty()) lines.add("oom-kill-protect --", adjustment);
}

void read_environment(const UnitValues& service, const Account& account, bool quirks, ScriptLines& lines) {
  if (service.flag("machineenvironment")) lines.add("machineenv");
  if (service.flag("systemduserenvironment") || quirks) {
    if (!account.user.empty()) {
      lines.add(account.line("envuidgid"));
    } else {
      lines.add("getuidgid");
      if (!account.group.empty()) lines.add("envgid --", account.group);
    }
    lines.add("userenv-fromenv");
  }
  for (std::string file : service.texts("environmentfile")) {
    const bool optional = file.starts_with('-');
    if (optional) file.erase(0, 1);
    lines.add(ToolLine("read-conf").option_if(optional, "--oknofile").word(file).text());
  }
  const std::vector<std::string> directories = service.texts("environmentdirectory");
  const bool full = !directories.empty() && service.flag("fullenvironmentdirectory");
  for (const std::string& directory : directories)
    lines.add(ToolLine("envdir").option_if(full, "--full").word(directory).text());
  const auto variables = [&](const char* key, const char* tool) {
    for (const std::string& word : service.words(key)) {
      const std::size_t equals = word.find('=');
      const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
      lines.add(ToolLine(tool).word(word.substr(0, equals)).word(value).text());
    }
  };
  variables("environment", "setenv");
  for (const std::string& name : service.words("unsetenvironment")) lines.add("unsetenv", name);
  variables("environmentappendpath", "appendpath");
}

void read_session(const UnitValues& service, const Account& account, ScriptLines& lines) {
  const bool leader = service.flag("sessionleader");
  if (leader) lines.add("setsid");
  if (service.flag("processgroupleader")) lines.add("setpgrp");
  const std::string reaper = service.text("localreaper");
  if (!reaper.empty()) lines.add("local-reaper", reaper);
  if (leader && !account.user.empty()) lines.add("setlogin --", account.user);
}

struct Limit {
  const char* key;
  const char* letter;
  bool soft_follows = true;  ///< where only the hard one is said, the soft one is `hard`
};
constexpr Limit kLimits[] = {{"limitnofile", "-o"},        {"limitcpu", "-t"},    {"limitcore", "-c"},
                             {"limitnproc", "-p"},         {"limitfsize", "-f"},  {"limitas", "-a"},
                             {"limitrss", "-r"},           {"limitdata", "-d"},   {"limitstack", "-s"},
                             {"limitmemory", "-m", false}, {"limitmemlock", "-l"}};
constexpr Limit kOtherLimits[] = {
    {"limitnice", "-e"}, {"limitsigpending", "-i"}, {"limitmsgqueue", "-q"}, {"limitlocks", "-x"}};

struct LimitLines {
  ToolLine hard, soft;
};

LimitLines read_limits(const UnitValues& service, std::span<const Limit> limits, LimitLines lines) {
  for (const Limit& limit : limits) {
    const std::string value = service.text(limit.key);
    // A nice value is not that limit.
    if (value.empty() || (limit.letter == std::string_view("-e") && (value[0] == '+' || value[0] == '-')))
      continue;
    const std::size_t colon = value.find(':');
    const bool both = colon != std::string::npos;
    const std::string soft = both ? value.substr(0, colon) : limit.soft_follows ? "hard" : value;
    lines.hard.option(limit.letter, both ? value.substr(colon + 1) : value);
    lines.soft.option(limit.letter, soft);
  }
  return lines;
}

void read_all_limits(const UnitValues& service, ScriptLines& lines) {
  const LimitLines usual = read_limits(service, kLimits, {ToolLine("hardlimit"), ToolLine("softlimit")});
  const LimitLines other = read_limits(service, kOtherLimits, {ToolLine("ulimit -H"), ToolLine("ulimit -S")});
  const auto add = [&](const ToolLine& line, std::string_view bare) {
    if (line.text() != bare) lines.add(line.text());
  };
  add(usual.hard, "hardlimit");
  add(other.hard, "ulimit -H");
  add(usual.soft, "softlimit");
  add(other.soft, "ulimit -S");
  const std::string mask = service.text("umask");
  if (!mask.empty()) lines.add("umask", mask);
}

/// A mount name space of its own, and what is hidden or read-only there.
void read_room(const UnitValues& service, ScriptLines& lines) {
  const bool temporary = service.flag("privatetmp"), devices = service.flag("privatedevices");
  const std::string homes = lower_case(service.text("protecthome"));
  const std::string system = lower_case(service.text("protectsystem"));
  const std::vector<std::string> hidden = service.words("inaccessiblepaths");
  const std::vector<std::string> read_only = service.words("readonlypaths");
  const std::vector<std::string> writable = service.words("readwritedirectories");
  const bool full = system == "full" || system == "strict";
  const bool homes_read_only = homes == "read-only";
  ToolLine apart("make-private-fs"), locked("make-read-only-fs");
  apart.option_if(temporary, "--temp").option_if(devices, "--devices").option_if(is_true(homes), "--homes");
  for (const std::string& path : hidden) apart.option("--hide", path);
  locked.option_if(full || is_true(system), "--os")
      .option_if(full, "--etc")
      .option_if(homes_read_only, "--homes")
      .option_if(service.flag("protectkerneltunables"), "--sysctl")
      .option_if(service.flag("protectcontrolgroups"), "--cgroups");
  for (const std::string& path : read_only) locked.option("--include", path);
  const bool needs_locked = locked.text() != "make-read-only-fs";
  for (const std::string& path : writable) locked.option("--except", path);
  const bool needs_apart = apart.text() != "make-private-fs" || homes_read_only;
  const std::string flags = service.text("mountflags");
  const bool mounts = needs_apart || needs_locked || !flags.empty();
  const bool network = service.flag("privatenetwork");
  if (mounts || network)
    lines.add(ToolLine("unshare").option_if(mounts, "--mount").option_if(network, "--network").text());
  if (!mounts) return;
  lines.add("set-mount-object --recursive slave /");
  if (needs_apart) lines.add(apart.text());
  if (needs_locked) lines.add(locked.text());
  lines.add(
      ToolLine("set-mount-object --recursive").word(flags.empty() ? "shared" : flags).plain("/").text());
}

void read_root(const UnitValues& service, ScriptLines& lines) {
  const std::string root = service.text("rootdirectory");
  if (!root.empty()) lines.add("chroot", root);
  read_room(service, lines);
}

void read_directory(const UnitValues& service, bool to_root, ScriptLines& lines) {
  const std::string directory = service.text("workingdirectory");
  const bool asked = service.flag("systemdworkingdirectory");
  if (!directory.empty())
    lines.add("chdir", directory);
  else if (to_root || asked || !service.text("rootdirectory").empty())
    lines.add("chdir /");
  ToolLine machine("find-matching-jvm");
  const auto each = [&](const char* key, const char* option) {
    for (const std::string& value : service.raw(key))
      for (const std::string& word : split_quoted_words(value).words) machine.option(option, word);
  };
  each("jvmversions", "--version");
  each("jvmoperatingsystems", "--operating-system");
  each("jvmmanufacturers", "--manufacturer");
  if (machine.text() != "find-matching-jvm") lines.add(machine.text());
  if (service.flag("jvmdefault")) lines.add("find-default-jvm");
}

/// file:F and append:F as fdredir's option and F.
std::optional<std::pair<const char*, std::string>> redirection(const std::string& value, const char* option) {
  for (const auto& [prefix, how] :
       {std::pair<std::string_view, const char*>{"file:", option}, {"append:", "--append"}})
    if (value.starts_with(prefix)) return std::pair(how, value.substr(prefix.size()));
  return std::nullopt;
}

struct Stream {
  const char* key;
  const char* number;
  const char* option;
};
constexpr Stream kStreams[] = {
    {"standardinput", "0", "--read"}, {"standardoutput", "1", "--write"}, {"standarderror", "2", "--write"}};

/// What a terminal or a connection is opened for serves as output, too: whatever else is said is overruled.
void force_output(const UnitValues& service, std::string_view to, ServiceLines& lines) {
  const std::string value = service.look("standardoutput");
  if (value == "inherit" || value == to) return;
  static_cast<void>(service.text("standardoutput"));
  lines.warnings.push_back(service.settings().file() +
                           ": Forcing setting: [Service] StandardOutput = " + std::string(to));
}

void read_terminal(const UnitValues& service, bool quirks, ServiceLines& lines) {
  const bool from_environment = service.flag("ttyfromenv");
  const std::string path = service.text("ttypath");
  const bool keeps_error = service.look("standarderror") == "log";
  if (!from_environment) lines.descriptors.add("vc-get-tty", path.empty() ? "/dev/console" : path);
  if (keeps_error) lines.descriptors.add("fdmove -c 4 2");
  lines.descriptors.add(
      ToolLine("open-controlling-tty").option_if(service.flag("ttyvhangup"), "--vhangup").text());
  if (keeps_error) lines.descriptors.add("fdmove 2 4");
  static_cast<void>(service.settings().take_if("service", "standardoutput", {"tty"}));
  static_cast<void>(service.settings().take_if("service", "standarderror", {"tty", "log"}));
  if (quirks) force_output(service, "tty", lines);
  if (service.flag("ttyreset")) lines.terminal.add("vc-reset-tty --hard-reset");
  if (service.flag("ttyprompt")) lines.terminal.add("login-prompt");
  const std::string id = service.text("utmpidentifier");
  if (!id.empty()) lines.terminal.add("login-process --id", id);
}

void read_redirections(const UnitValues& service, const ServiceKind& kind, ServiceLines& lines) {
  for (const Stream& stream : kStreams) {
    const std::string value = service.look(stream.key);
    if (const auto to = redirection(value, stream.option)) {
      const std::string file = service.specifiers().replace(to->second);
      lines.descriptors.add(ToolLine("fdredir").plain(to->first).plain(stream.number).word(file).text());
    } else if (value == "socket" && kind.socket) {
      // A connection is the standard input and output already.
      const bool there = kind.connections && stream.number != std::string_view("2");
      if (!there)
        lines.socket_descriptors.add(
            ToolLine("fdmove -c").plain(stream.number).plain(kind.connections ? "0" : "3").text());
    } else if (value == "socket") {
      lines.warnings.push_back(service.settings().file() + ": Redirection ignored for non-socket service.");
    } else {
      continue;
    }
    static_cast<void>(service.text(stream.key));
  }
}

void read_descriptors(const UnitValues& service, const ServiceKind& kind, bool quirks, ServiceLines& lines) {
  const std::string input = service.look("standardinput");
  if (service.settings().take_if("service", "standardinput", {"tty", "tty-force"}) != nullptr) {
    read_terminal(service, quirks, lines);
  } else if (const std::string path = service.text("ttypath"); !path.empty()) {
    lines.descriptors.add("vc-get-tty", path);
  }
  if (quirks && kind.connections && input == "socket") force_output(service, "socket", lines);
  read_redirections(service, kind, lines);
  ScriptLines& inherited = kind.socket ? lines.socket_descriptors : lines.descriptors;
  const bool output = service.settings().take_if("service", "standardoutput", {"inherit"}) != nullptr;
  if (output) inherited.add("fdmove -c 1 0");
  if (service.settings().take_if("service", "standarderror", {"inherit"}) != nullptr ||
      (output && quirks && service.look("standarderror").empty()))
    inherited.add("fdmove -c 2 1");
  for (const std::string& file : service.texts("bannerfile")) lines.terminal.add("login-banner", file);
  for (const std::string& line : service.texts("bannerline")) lines.terminal.add("line-banner", line);
}

void write_account(const Account& account, ServiceLines& lines) {
  if (account.user.empty()) {
    if (account.group.empty()) return;
    lines.account_environment.add("envgid --", account.group);
    lines.account.add("setgid-fromenv");
  } else if (account.ahead()) {
    lines.account_environment.add(account.line("envuidgid"));
    if (!account.only_environment) lines.account.add("setuidgid-fromenv");
  } else {
    lines.account.add(account.line("setuidgid"));
  }
}

}  // namespace

ServiceLines read_service_lines(const UnitValues& service, const UnitName& name, const ServiceKind& kind,
                                const ImportOptions& options) {
  ServiceLines lines;
  const Account account = read_account(service, options.quirks);
  read_group_lines(service, name, lines);
  read_scheduling(service, lines.scheduling);
  read_niceness(service, lines.scheduling);
  read_environment(service, account, options.quirks, lines.environment);
  read_session(service, account, lines.session);
  read_all_limits(service, lines.limits);
  read_root(service, lines.root);
  read_directory(service, options.quirks && !kind.socket, lines.directory);
  read_descriptors(service, kind, options.quirks, lines);
  write_account(account, lines);
  lines.permissions_only_of_run = service.flag("permissionsstartonly");
  lines.root_only_of_run = service.flag("rootdirectorystartonly");
  return lines;
}

Result<RuntimeDirectories> read_runtime_directories(const UnitValues& service) {
  RuntimeDirectories directories;
  const std::vector<std::string> names = service.words("runtimedirectory");
  for (const std::string& name : names) {
    const char* const why =
        name.empty()                          ? "Empty runtime directory names are not permitted."
        : name[0] == '.'                      ? "Hidden runtime directories are not permitted."
        : name.find('/') != std::string::npos ? "Slash is not permitted in runtime directory names."
        : name.find(';') != std::string::npos ? "Semicolon is not permitted in runtime directory names."
                                              : nullptr;
    if (why != nullptr) return Error{0, why, service.settings().file()};
  }
  if (names.empty()) return directories;
  const auto first_of = [&](const char* key, const char* otherwise) {
    const std::string value = service.text(key);
    return value.empty() ? service.text(otherwise) : value;
  };
  const std::string& place = service.specifiers().runtime_directory();
  ToolLine make("foreground install -d"), remove("foreground rm -r -f --");
  make.option("-m", service.text("runtimedirectorymode"))
      .option("-o", first_of("runtimedirectoryowner", "user"))
      .option("-g", first_of("runtimedirectorygroup", "group"))
      .plain("--");
  for (const std::string& name : names) {
    make.word(place + "/" + name);
    remove.word(place + "/" + name + "/");
  }
  directories.make.add(make.plain(";").text());
  if (!service.flag("runtimedirectorypreserve")) directories.remove.add(remove.plain(";").text());
  return directories;
}

}  // namespace kindred::nosh
