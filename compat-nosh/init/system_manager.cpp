// system-manager: process 1 of a system. Source: interfaces/nosh-system.md section 11.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "compat-nosh/client/options.h"
#include "compat-nosh/init/machine_setup.h"
#include "compat-nosh/init/programs.h"
#include "compat-nosh/init/target_manager.h"
#include "core/base/error_text.h"
#include "core/cli/program.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/machine.h"

namespace kindred::nosh {
namespace {

// Container engines wait for ten seconds.
constexpr Duration kEndLimit = std::chrono::seconds(7);

MachineEnd machine_end(TargetRequest end) {
  if (end == TargetRequest::EndByHalt) return MachineEnd::Halt;
  return end == TargetRequest::EndByPowerOff ? MachineEnd::PowerOff : MachineEnd::Restart;
}

/// Returns where process 1 may end.
void stop_machine(TargetRequest end, bool is_contained) {
  sync();
  if (is_contained && (end == TargetRequest::EndByLeaving || getenv("container") != nullptr)) return;
  const int refused = end_machine(machine_end(end));
  while (!is_contained || refused == 0) pause();
}

}  // namespace

int system_manager_main(int argc, char** argv) {
  if (getpid() != 1) return per_user_manager_main(argc, argv);
  const std::string program(base_name(argv[0]));
  const auto warned = [&](const Error& error) {
    complain(program, "ERROR", {error.object, ": ", reason(error)});
  };
  const bool has_output = fcntl(STDERR_FILENO, F_GETFD) != -1;
  static_cast<void>(take_missing_standard_descriptors());
  const bool is_contained = is_in_container();
  ManagerPlan plan{.program = program,
                   .words = is_contained ? kContainerRequests : kMachineRequests,
                   .first_job = {"init", "--"},
                   .log_group = "../system-manager-log.slice",
                   .log_directories = {"/var/log/system-manager", "/var/system-manager/log",
                                       "/var/tmp/system-manager/log", "/run/system-manager/log"},
                   .last_resort = out_of_the_way(STDERR_FILENO),
                   .end_limit = kEndLimit};
  plan.first_job.insert(plan.first_job.end(), argv + 1, argv + argc);
  // Before PATH is another.
  static_cast<void>(path_of_program("system-control"));
  set_up_process(program);
  if (!is_contained) set_up_time_zone();
  set_up_file_systems(program);
  if (const Status made = set_up_run_directories(); !made) warned(made.error());
  if (!is_contained) take_restart_keys();
  set_up_control_groups();
  if (UniqueFd console = set_up_console(); console && !has_output)
    plan.last_resort = out_of_the_way(console.get());
  auto socket = bind_manager_socket();
  if (!socket)
    warned(socket.error());
  else
    plan.socket = out_of_the_way(socket->get());
  TargetManager manager(std::move(plan));
  // Nothing can be done without, but the kernel does not forgive an end of process 1.
  if (const Status opened = manager.open(); !opened) {
    warned(opened.error());
    if (!is_contained)
      for (;;) pause();
    return kExitFailed;
  }
  stop_machine(manager.run(), is_contained);
  return 0;
}

}  // namespace kindred::nosh
