#pragma once
// What process 1 of a system makes before anything is started. Where something cannot be made that is said, and it goes
// on: a container needs none of the mounts. Source: interfaces/nosh-system.md section 11.1.

#include <string_view>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {

/// Whether others are above: a container engine, or who made a pid namespace. Without /proc it is a machine.
[[nodiscard]] bool is_in_container();

/// A session of its own, the root as working directory, umask, and the environment: PATH, the locale.
void set_up_process(std::string_view program);
/// The kernel's time zone, by the local time.
void set_up_time_zone();
/// File systems, and what is expected in /dev.
void set_up_file_systems(std::string_view program);
/// Directories below /run. Errors: those without which there is no manager.
[[nodiscard]] Status set_up_run_directories();
/// A control group of its own, so that services can have others beside it.
void set_up_control_groups();
/// A keyboard request (control-alt-up) is WINCH for us. None where there is no console.
[[nodiscard]] UniqueFd set_up_console();
/// The service manager's socket. Errors: object its path.
[[nodiscard]] Result<UniqueFd> bind_manager_socket();

}  // namespace kindred::nosh
