#include "core/chain/step.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>

#include "core/chain/ini_file.h"
#include "core/cli/output.h"

namespace kindred {
namespace {

void change(ProcessState& state, const VariableChange& variable) {
  state.environment.apply(variable);
  state.environment_changed = true;
}

struct Applier {
  ProcessState& state;

  Status operator()(const SetVariable& step) const {
    change(state, step.change);
    return ok();
  }

  Status operator()(const ReadEnvDirectory& step) const {
    const auto changes = read_env_directory(step.path.c_str(), step.rules);
    if (!changes) return changes.error();
    for (const VariableChange& variable : *changes) change(state, variable);
    return ok();
  }

  Status operator()(const ReadIniFile& step) const {
    const auto changes = read_ini_file(step.path.c_str(), step.prefix);
    if (!changes) return changes.error();
    for (const VariableChange& variable : *changes) change(state, variable);
    return ok();
  }

  Status operator()(const TellIdentity& step) const {
    const auto identity = resolve(step.name);
    if (!identity) return identity.error();
    change(state, {"GID", std::to_string(identity->groups.front())});
    change(state, {"UID", std::to_string(identity->user)});
    return ok();
  }

  Status operator()(const Become& step) const {
    if (!step.all_groups && !step.enters_home) {
      const auto identity = resolve(step.name);
      if (!identity) return identity.error();
      return become(*identity, step.name.text);
    }
    const auto account = find_account(step.name.user);
    if (!account) return account.error();
    if (!*account) return Error{0, "unknown account", step.name.text};
    Identity identity{(*account)->user, {(*account)->group}};
    if (step.all_groups) {
      auto groups = groups_of(**account);
      if (!groups) return groups.error();
      identity.groups = std::move(*groups);
    }
    if (step.enters_home && ::chdir((*account)->home.c_str()) == -1)
      return error_here("change directory to", (*account)->home);
    if (step.tells_account) {
      change(state, {"HOME", (*account)->home});
      change(state, {"SHELL", (*account)->shell});
      change(state, {"USER", (*account)->name});
      change(state, {"UID", std::to_string(identity.user)});
      change(state, {"GID", std::to_string(identity.groups.front())});
    }
    return become(identity, step.name.text);
  }

  Status operator()(const SetLimit& step) const { return apply(step.limit); }

  Status operator()(const CloseDescriptor& step) const {
    if (::close(step.descriptor) == -1)
      return error_here("close descriptor", std::to_string(step.descriptor));
    return ok();
  }

  Status operator()(const EnterDirectory& step) const {
    if (::chdir(step.path.c_str()) == -1) return error_here("change directory", step.path);
    return ok();
  }

  Status operator()(const ChangeRoot& step) const {
    if (::chdir(step.path.c_str()) == -1) return error_here("change directory", step.path);
    if (::chroot(".") == -1) return error_here("change root directory", step.path);
    return ok();
  }

  Status operator()(const NewSession&) const {
    static_cast<void>(::setsid());
    return ok();
  }

  Status operator()(const HoldLock& step) const {
    state.quiet = step.quiet;
    // The program inherits it, and with it the lock.
    const int lock = ::open(step.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0600);
    if (lock == -1) return error_here(step.opens, step.path);
    if (::flock(lock, step.waits ? LOCK_EX : LOCK_EX | LOCK_NB) == -1) return error_here("lock", step.path);
    state.quiet = step.quiet_program;
    return ok();
  }

  Status operator()(const AddNiceness& step) const {
    errno = 0;
    if (::nice(step.increment) == -1 && errno != 0)
      return error_here("set nice level", std::to_string(step.increment));
    return ok();
  }

  Status operator()(const LeadGroup& step) const {
    const auto failed = [&](const char* operation) -> Status {
      if (step.failure == LeadGroup::Failure::Fatal) return Error{errno, operation, ""};
      if (step.failure == LeadGroup::Failure::Warning)
        print_warning(state.speaker, {"unable to ", operation, ": ", state.reason(errno)});
      return ok();
    };
    if (step.session) return ::setsid() == -1 ? failed("setsid") : ok();
    if (::setpgid(0, 0) == -1)
      if (const Status done = failed("setpgid"); !done) return done;
    if (!step.foreground) return ok();
    const auto before = step.guarded ? ::signal(SIGTTOU, SIG_IGN) : SIG_DFL;
    const int set = ::tcsetpgrp(step.terminal, ::getpid());
    const int error = errno;
    if (step.guarded) ::signal(SIGTTOU, before);
    errno = error;
    return set == -1 ? failed("tcsetpgrp") : ok();
  }

  Status operator()(const HoldRecordLock& step) const {
    constexpr mode_t kMode = 0666;
    const int lock =
        ::open(step.path.c_str(), (step.shared ? O_RDONLY : O_WRONLY) | O_CREAT | O_NONBLOCK, kMode);
    if (lock == -1) {
      const int error = errno;
      return error_here("open", step.path + (step.shared ? " for reading" : " for writing"), error);
    }
    struct flock whole {};
    whole.l_type = step.shared ? F_RDLCK : F_WRLCK;
    // The lock is this process's own and stays with it over exec: nobody else can wait for it.
    const bool waits = !step.milliseconds || *step.milliseconds > 0;
    const bool timed = waits && step.milliseconds;
    itimerval timer{};
    struct sigaction before {};
    if (timed) {
      struct sigaction action {};
      action.sa_handler = [](int) {};
      ::sigaction(SIGALRM, &action, &before);
      constexpr unsigned kThousand = 1000;
      timer.it_value = {static_cast<time_t>(*step.milliseconds / kThousand),
                        static_cast<suseconds_t>(*step.milliseconds % kThousand * kThousand)};
      // It goes off again and again: the first time may be before the wait begins.
      constexpr suseconds_t kAgain = 10000;
      timer.it_interval = {0, kAgain};
      ::setitimer(ITIMER_REAL, &timer, nullptr);
    }
    const int held = ::fcntl(lock, waits ? F_SETLKW : F_SETLK, &whole);
    const int error = errno;
    if (timed) {
      timer = {};
      ::setitimer(ITIMER_REAL, &timer, nullptr);
      ::sigaction(SIGALRM, &before, nullptr);
    }
    if (held == 0) return ok();
    state.failure_code = 1;
    return error_here("lock", step.path, error == EINTR ? ETIMEDOUT : error);
  }

  Status operator()(const TellAccount& step) const {
    std::string user, group, list;
    const auto unknown = [&](const char* what, const std::string& name) -> Status {
      if (step.fallback) {
        if (step.tells_user) change(state, {"UID", std::to_string(step.fallback->user)});
        if (step.tells_group) change(state, {"GID", std::to_string(step.fallback->group)});
        if (step.tells_list) change(state, {"GIDLIST", step.fallback->list});
        return ok();
      }
      state.failure_code = 1;
      return Error{0, what, name};
    };
    const auto is_number = [&](const std::string& name) {
      return step.numbers && !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
    };
    std::optional<Account> account;
    if (step.tells_user) {
      const auto found = find_account(step.user);
      if (!found) return found.error();
      account = *found;
      if (account)
        user = std::to_string(account->user);
      else if (is_number(step.user))
        user = step.user;
      else
        return unknown("unknown user:", step.user);
    }
    if (step.tells_group && step.group) {
      const auto found = find_group(*step.group);
      if (!found) return found.error();
      if (*found)
        group = std::to_string(**found);
      else if (is_number(*step.group))
        group = *step.group;
      else
        return unknown("unknown group:", *step.group);
    } else if (account) {
      group = std::to_string(account->group);
    }
    if (step.tells_list && account) {
      const auto groups = groups_of(*account);
      if (!groups) return groups.error();
      for (std::size_t i = 1; i < groups->size(); ++i)
        list += (i == 1 ? "" : ",") + std::to_string((*groups)[i]);
    }
    if (step.tells_user) change(state, {"UID", user});
    if (step.tells_group) change(state, {"GID", group});
    if (step.tells_list) change(state, {"GIDLIST", list});
    return ok();
  }

  Status operator()(const BecomeNumbers& step) const {
    if (step.groups || (step.group && *step.group != 0)) {
      std::vector<gid_t> groups{step.group ? *step.group : ::getgid()};
      if (step.groups) groups.insert(groups.end(), step.groups->begin(), step.groups->end());
      if (::setgroups(groups.size(), groups.data()) == -1)
        return Error{errno, "set supplementary group list", ""};
    }
    if (step.group && *step.group != 0 && ::setresgid(*step.group, *step.group, *step.group) == -1)
      return Error{errno, "setgid", ""};
    if (step.user && *step.user != 0 && ::setresuid(*step.user, *step.user, *step.user) == -1)
      return Error{errno, "setuid", ""};
    // A system that says yes and does nothing must not run the program with rights that it was to lose.
    if ((step.user && *step.user != 0 && (::getuid() != *step.user || ::geteuid() != *step.user)) ||
        (step.group && *step.group != 0 && (::getgid() != *step.group || ::getegid() != *step.group)))
      return Error{EPERM, "drop privileges", ""};
    return ok();
  }

  Status operator()(const BecomeNamedAccount& step) const {
    const auto account = find_account(step.name);
    if (!account) return account.error();
    if (!*account) {
      state.failure_code = 1;
      return Error{0, "unknown user:", step.name};
    }
    const auto groups = groups_of(**account);
    if (!groups) return groups.error();
    return (*this)(BecomeNumbers{(*account)->user, (*account)->group,
                                 std::vector<gid_t>(groups->begin() + 1, groups->end())});
  }

  Status operator()(const NameProgram& step) const {
    state.program_name = step.name;
    return ok();
  }
};

}  // namespace

Status apply(const ChainStep& step, ProcessState& state) { return std::visit(Applier{state}, step); }

}  // namespace kindred
