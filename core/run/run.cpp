// kindred run: the process becomes a program as a unit of systemd has it. Statically linked, and without an engine.

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "core/base/error_text.h"
#include "core/chain/account.h"
#include "core/cli/output.h"
#include "core/definition/unit_environment.h"
#include "core/run/follow.h"
#include "core/run/notify_relay.h"
#include "core/run/run_plan.h"
#include "core/sys/execute.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

constexpr std::size_t kLongestFile = 1 << 20;

int fail(const Error& error) {
  const std::string_view reason = error.code != 0 ? system_error_text(error.code) : "";
  std::string text = "kindred run: fatal: ";
  if (error.code != 0) text += "unable to ";
  text += error.operation;
  if (!error.object.empty()) text += (error.code != 0 ? " " : ": ") + error.object;
  if (!reason.empty()) text.append(": ").append(reason);
  print_error({text});
  return kExitFatal;
}

/// Whom the service is run as, once it is looked up; the values of accounts that it is to know.
struct RunIdentity {
  std::optional<Identity> identity;
  std::optional<Account> account;
  [[nodiscard]] uid_t user() const { return identity ? identity->user : ::getuid(); }
};

/// A number is an account, too, where there is none of that name.
Result<std::optional<Account>> account_of(const std::string& name) {
  auto account = find_account(name);
  if (!account || *account) return account;
  const IdentityName number = parse_identity_name(":" + name + ":0");
  const auto identity = resolve(number);
  if (!identity) return std::optional<Account>();
  return find_account(identity->user);
}

Result<gid_t> group_of(const std::string& name) {
  const auto group = find_group(name);
  if (!group) return group.error();
  if (*group) return **group;
  const auto numeric = resolve(parse_identity_name(":0:" + name));
  if (!numeric) return Error{0, "unknown group", name};
  return numeric->groups.front();
}

Result<RunIdentity> find_identity(const RunPlan& plan) {
  RunIdentity found;
  if (!plan.user && !plan.group && plan.more_groups.empty()) return found;
  Identity identity{::getuid(), {::getgid()}};
  if (plan.user) {
    auto account = account_of(*plan.user);
    if (!account) return account.error();
    if (!*account) return Error{0, "unknown account", *plan.user};
    auto groups = groups_of(**account);
    if (!groups) return groups.error();
    identity = {(*account)->user, std::move(*groups)};
    found.account = **account;
  }
  if (plan.group) {
    const auto group = group_of(*plan.group);
    if (!group) return group.error();
    // The account's own is one of the others then, as initgroups(3) has it.
    identity.groups.front() = *group;
  }
  for (const std::string& name : plan.more_groups) {
    const auto group = group_of(name);
    if (!group) return group.error();
    identity.groups.push_back(*group);
  }
  found.identity = std::move(identity);
  return found;
}

void tell_account(const RunIdentity& who, ProcessState& state) {
  if (!who.account) return;
  state.change({"USER", who.account->name});
  state.change({"LOGNAME", who.account->name});
  state.change({"HOME", who.account->home});
  state.change({"SHELL", who.account->shell});
}

Status read_environment_files(const RunPlan& plan, ProcessState& state) {
  for (const EnvironmentFile& file : plan.environment_files) {
    const UniqueFd opened(::open(file.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!opened && file.may_be_missing) continue;
    if (!opened) return error_here("open", file.path);
    const auto text = read_beginning(opened.get(), file.path, kLongestFile);
    if (!text && file.may_be_missing) continue;
    if (!text) return text.error();
    for (auto& [name, value] : parse_environment_file(*text)) state.change({name, value});
  }
  return ok();
}

/// Parents belong to whom they belong; what was there keeps its mode, and follows no link in its place.
Status make_directory_for(const std::string& place, const std::string& name, mode_t mode,
                          const RunIdentity& who) {
  auto at = open_directory(AT_FDCWD, place.c_str());
  if (!at) return error_here("open", place, at.error().code);
  std::string_view rest = name;
  while (!rest.empty()) {
    const std::string part(rest.substr(0, rest.find('/')));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (part.empty() || part == ".") continue;
    if (::mkdirat(at->get(), part.c_str(), 0755) == -1 && errno != EEXIST)
      return error_here("make", place + "/" + name);
    at = open_directory(at->get(), part.c_str());
    if (!at) return error_here("open", place + "/" + name, at.error().code);
  }
  if (who.identity && ::fchown(at->get(), who.identity->user, who.identity->groups.front()) == -1)
    return error_here("change the owner of", place + "/" + name);
  if (::fchmod(at->get(), mode) == -1) return error_here("change the mode of", place + "/" + name);
  return ok();
}

Status make_directories(const RunPlan& plan, const RunIdentity& who, ProcessState& state) {
  const RunIdentity nobody;
  for (const ServiceDirectories& kind : plan.directories) {
    std::string paths;
    // What a service is configured by is not its own.
    const bool owned = kind.place != std::string_view("/etc");
    for (const std::string& name : kind.names) {
      if (Status made = make_directory_for(kind.place, name, kind.mode, owned ? who : nobody); !made)
        return made;
      paths += (paths.empty() ? "" : ":") + std::string(kind.place) + "/" + name;
    }
    if (!paths.empty()) state.change({kind.variable, paths});
  }
  return ok();
}

/// What is writable although the system is not.
Room room_of(const RunPlan& plan) {
  Room room = plan.room;
  for (const ServiceDirectories& kind : plan.directories)
    for (const std::string& name : kind.names)
      if (kind.place != std::string_view("/etc"))
        room.writable.push_back(std::string(kind.place) + "/" + name);
  return room;
}

Status enter_directory(const RunPlan& plan, const RunIdentity& who) {
  const std::string path = plan.home_is_working_directory ? (who.account ? who.account->home : "/root")
                           : plan.working_directory.empty() && !plan.root.empty() ? "/"
                                                                                  : plan.working_directory;
  if (path.empty() || ::chdir(path.c_str()) == 0 || plan.working_directory_may_be_missing) return ok();
  return error_here("enter", path);
}

/// In the order in which each is still allowed.
Status confine(const RunPlan& plan, const RunIdentity& who) {
  const int spaces = (plan.own_network ? CLONE_NEWNET : 0) | (plan.own_host_name ? CLONE_NEWUTS : 0);
  // The network's is had before, where the socket for messages is to be in it.
  if (plan.own_host_name && ::unshare(spaces & CLONE_NEWUTS) == -1)
    return error_here("have", "a host name of its own");
  if (plan.oom_score) {
    const UniqueFd file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
    if (!file) return error_here("open", "/proc/self/oom_score_adj");
    if (const int code = write_all(file.get(), std::to_string(*plan.oom_score)); code != 0)
      return error_here("write", "/proc/self/oom_score_adj", code);
  }
  if (Status done = enter_room(room_of(plan)); !done) return done;
  if (!plan.root.empty() && ::chroot(plan.root.c_str()) == -1) return error_here("change root to", plan.root);
  if (plan.bounding)
    if (Status done = bound_capabilities(*plan.bounding | plan.ambient); !done) return done;
  if (plan.ambient != 0)
    if (Status done = keep_capabilities(); !done) return done;
  if (who.identity)
    if (Status done = become(*who.identity, plan.user.value_or(plan.group.value_or(""))); !done) return done;
  if (plan.ambient != 0)
    if (Status done = raise_capabilities(plan.ambient); !done) return done;
  return enter_directory(plan, who);
}

Status restrict_calls(const RunPlan& plan) {
  // Without privilege a filter may only bind those who get none again.
  const bool filters = plan.filter || plan.guard;
  if (plan.no_new_privileges || (filters && ::geteuid() != 0))
    if (Status done = forbid_new_privileges(); !done) return done;
  if (plan.guard)
    if (Status done = install_filter(*plan.guard); !done) return done;
  return plan.filter ? install_filter(*plan.filter) : ok();
}

/// Returns only on failure.
int become_program(const UnitCommand& command, ProcessState& state, const RunPlan& plan) {
  std::vector<std::string> words = command.words;
  if (command.expands)
    words = expand_variables(words, [&](const std::string& name) -> std::optional<std::string> {
      const auto value = state.environment.value(name);
      return value ? std::optional<std::string>(*value) : std::nullopt;
    });
  if (words.empty()) return fail({0, "no program is left of the words", ""});
  const std::string program = words.front();
  if (command.program_name) words.front() = *command.program_name;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<char*> environment = state.environment.block();
  if (!command.privileged)
    if (const Status done = restrict_calls(plan); !done) return fail(done.error());
  const char* const path = std::getenv("PATH");
  const int error = execute(program.c_str(), argv.data(), environment.data(),
                            path != nullptr ? std::optional<std::string_view>(path) : std::nullopt);
  return fail(error_here("run", program, error));
}

/// One command before the program, in a child that is confined as the program is to be. False: it failed, and counts.
Result<bool> run_before(const UnitCommand& command, ProcessState& state, const RunPlan& plan,
                        const RunIdentity& who) {
  const pid_t child = ::fork();
  if (child == -1) return error_here("fork", "");
  if (child == 0) {
    if (!command.privileged)
      if (const Status done = confine(plan, who); !done) ::_exit(fail(done.error()));
    ::_exit(become_program(command, state, plan));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) == -1)
    if (errno != EINTR) return error_here("wait for", command.words.front());
  return status == 0 || command.ignores_failure;
}

/// Sockets come to have the numbers from 3 on, and nothing else is in their way then.
std::optional<int> move_up(std::optional<int> descriptor) {
  constexpr int kAbove = 64;
  const int moved = descriptor ? ::fcntl(*descriptor, F_DUPFD_CLOEXEC, kAbove) : -1;
  if (moved == -1) return descriptor;
  ::close(*descriptor);
  return moved;
}

/// Its process looks at it from elsewhere.
std::string absolute(const std::string& path) {
  char* const here = path.empty() || path.front() == '/' ? nullptr : ::get_current_dir_name();
  if (here == nullptr) return path;
  std::string whole = here + ("/" + path);
  std::free(here);
  return whole;
}

/// Which descriptor, or file, the supervisor looks at: what was said, or what the service directory says.
std::optional<int> ready_descriptor(const RunPlan& plan) {
  if (plan.notify_descriptor || !plan.notify_file.empty()) return plan.notify_descriptor;
  constexpr std::size_t kLongest = 16;
  const auto text = read_file(AT_FDCWD, "notification-fd", kLongest);
  if (!text) return std::nullopt;
  const int number = std::atoi(text->c_str());
  return number > 0 && ::fcntl(number, F_GETFD) != -1 ? std::optional(number) : std::nullopt;
}

Status start_relay(const RunPlan& plan, const RunIdentity& who, std::optional<int> ready,
                   const std::string& ready_file, ProcessState& state) {
  std::string name;
  auto socket = open_notify_socket(name);
  if (!socket) return socket.error();
  NotifyRelay relay;
  relay.ready_descriptor = ready;
  relay.ready_file = ready_file;
  relay.watchdog = plan.watchdog;
  relay.user = who.user();
  if (Status started = start_notify_relay(std::move(*socket), relay); !started) return started;
  state.change({"NOTIFY_SOCKET", name});
  if (plan.watchdog) {
    state.change({"WATCHDOG_USEC", std::to_string(plan.watchdog->count())});
    state.change({"WATCHDOG_PID", std::to_string(::getpid())});
  }
  return ok();
}

Status prepare(const RunPlan& plan, const RunIdentity& who, ProcessState& state) {
  tell_account(who, state);
  if (Status done = read_environment_files(plan, state); !done) return done;
  if (Status done = make_directories(plan, who, state); !done) return done;
  for (const UnitCommand& command : plan.before) {
    const auto good = run_before(command, state, plan, who);
    if (!good) return good.error();
    if (!*good) return Error{0, "a command before the program failed", command.words.front()};
  }
  if (!plan.listeners.empty()) {
    if (!plan.listener_names.empty()) state.change({"LISTEN_FDNAMES", plan.listener_names});
    for (const ChainStep& step : plan.listeners)
      if (Status done = apply(step, state); !done) return done;
  }
  return ok();
}

/// What the child that goes on in the background is made of.
struct Started {
  const UnitCommand& command;
  ProcessState& state;
  const RunPlan& plan;
  const RunIdentity& who;
};
pid_t start_background(void* argument) {
  const auto& [command, state, plan, who] = *static_cast<Started*>(argument);
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (const Status done = confine(plan, who); !done) ::_exit(fail(done.error()));
  ::_exit(become_program(command, state, plan));
}

int run(const RunPlan& plan, ProcessState& state) {
  const auto who = find_identity(plan);
  if (!who) return fail(who.error());
  // Where the service directory is the working directory it is asked before it no longer is.
  const auto ready = move_up(plan.notifies ? ready_descriptor(plan) : std::nullopt);
  const std::string ready_file = absolute(plan.notify_file);
  if (const Status done = prepare(plan, *who, state); !done) return fail(done.error());
  if (plan.own_network && ::unshare(CLONE_NEWNET) == -1)
    return fail(error_here("have", "a network of its own"));
  if (plan.notifies)
    if (const Status done = start_relay(plan, *who, ready, ready_file, state); !done)
      return fail(done.error());
  UnitCommand program;
  program.words = plan.program;
  program.expands = plan.expands;
  if (plan.follows) {
    Started started{program, state, plan, *who};
    const auto code = follow(start_background, &started, plan.pid_file);
    return code ? *code : fail(code.error());
  }
  if (const Status done = confine(plan, *who); !done) return fail(done.error());
  return become_program(program, state, plan);
}

}  // namespace
}  // namespace kindred

int main(int argc, char** argv) {
  using namespace kindred;
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const bool helps = words.size() == 1 && words[0] == "--help";
  const auto plan = parse_run(words);
  if (!plan && (helps || plan.error().operation.empty())) {
    Output out(helps ? 1 : 2);
    out.add("usage: kindred run [OPTION...] PROGRAM [ARGUMENT...]\n").add(run_options_text());
    return out.flush() && helps ? 0 : kExitUsage;
  }
  if (!plan) {
    print_error({"kindred run: fatal: ", plan.error().object, ": ", plan.error().operation});
    return kExitUsage;
  }
  ProcessState state(environ);
  state.speaker = "kindred run";
  return run(*plan, state);
}
