// per-user-manager: keeps a service manager and its log, as whatever user it is run by, and starts that user's targets.
// Source: interfaces/nosh-system.md section 12.

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "compat-nosh/client/options.h"
#include "compat-nosh/init/programs.h"
#include "compat-nosh/init/target_manager.h"
#include "core/chain/account.h"
#include "core/cli/program.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"
#include "core/sys/socket.h"

namespace kindred::nosh {
namespace {

constexpr int kFirstInherited = 3;

/// Directories below /run/user/NAME, which is there already, and the socket.
Status prepare_places(ManagerPlan& plan) {
  const auto account = find_account(::geteuid());
  if (!account || !*account)
    return Error{account ? ENOENT : account.error().code, "find", "the user's account"};
  constexpr mode_t kMode = 0755, kSocketMode = 0700;
  const std::string base = "/run/user/" + (*account)->name;
  const Result<UniqueFd> root = open_directory(AT_FDCWD, base.c_str());
  if (!root) return error_here("open", base, root.error().code);
  for (const char* const name : {"per-user-manager", "per-user-manager/log", "service-bundles",
                                 "service-bundles/early-supervise", "service-manager"})
    if (const Status made = make_directory(root->get(), name, kMode); !made)
      return error_here("make", base + "/" + name, made.error().code);
  plan.log_directories = {base + "/per-user-manager/log"};
  const auto directory = open_directory(root->get(), "service-manager");
  if (!directory) return error_here("open", base + "/service-manager", directory.error().code);
  const auto socket = bind_datagrams_at(directory->get(), "control");
  if (!socket) return error_here("bind", base + "/service-manager/control", socket.error().code);
  if (::fchmodat(directory->get(), "control", kSocketMode, 0) != 0)
    return error_here("chmod", base + "/service-manager/control");
  plan.socket = out_of_the_way(socket->get());
  return ok();
}

/// What it was started with by a tool that listens.
Status take_commands(ManagerPlan& plan) {
  const char* const pid = std::getenv("LISTEN_PID");
  const char* const count = std::getenv("LISTEN_FDS");
  if (pid != nullptr && count != nullptr && parse_number(pid) == static_cast<long>(::getpid())) {
    constexpr long kMost = 64;
    const long sockets = std::clamp(parse_number(count).value_or(0), 0L, kMost);
    for (int i = 0; i < sockets; ++i) {
      UniqueFd command = out_of_the_way(kFirstInherited + i);
      if (!command) return error_here("use", "descriptor " + std::to_string(kFirstInherited + i));
      ::close(kFirstInherited + i);
      ::fcntl(command.get(), F_SETFL, O_NONBLOCK);
      plan.commands.push_back(std::move(command));
    }
  }
  for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  return ok();
}

}  // namespace

int per_user_manager_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  ManagerPlan plan{.program = std::string(program),
                   .words = kSessionRequests,
                   .first_job = {"init", "--user", "--"},
                   .job_options = {"--user"},
                   .log_group = "../per-user-manager-log.slice"};
  plan.first_job.insert(plan.first_job.end(), argv + 1, argv + argc);
  const auto failed = [&](const Status& status) {
    return fail(program, {status.error().object, ": ", reason(status.error())});
  };
  if (!take_missing_standard_descriptors()) return failed(error_here("open", "/dev/null"));
  if (const Status taken = take_commands(plan); !taken) return failed(taken);
  if (const Status prepared = prepare_places(plan); !prepared) return failed(prepared);
  join_control_group_below("me.slice");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
  plan.last_resort = out_of_the_way(STDERR_FILENO);
  if (!plan.last_resort || !plan.socket) return failed(error_here("use", "descriptors"));
  TargetManager manager(std::move(plan));
  if (const Status opened = manager.open(); !opened) return failed(opened);
  static_cast<void>(manager.run());
  return 0;
}

}  // namespace kindred::nosh
