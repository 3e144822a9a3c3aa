#include "core/chain/step.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "core/chain/ini_file.h"

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

  Status operator()(const NameProgram& step) const {
    state.program_name = step.name;
    return ok();
  }
};

}  // namespace

Status apply(const ChainStep& step, ProcessState& state) { return std::visit(Applier{state}, step); }

}  // namespace kindred
