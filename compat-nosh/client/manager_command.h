#pragma once
// What system-control can tell a manager: process 1 by signals, that of a user's session by bytes. Pure.
// Source: interfaces/nosh-system.md sections 11.2, 11.3 and 12.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::nosh {

/// A command of system-control to such a manager.
struct ManagerCommand {
  std::string_view name;
  std::string_view bytes;
  std::string_view forced_bytes;  ///< with --force; empty: as without
  std::span<const int> signals;   ///< after SIGRTMIN, which libc says at run time
  std::span<const int> forced_signals;
};
/// Null for a name that is none; "fast" may be in front of those that can be forced.
[[nodiscard]] const ManagerCommand* find_manager_command(std::string_view name);

/// What a manager is called with, which is the kernel's command line for process 1: the greatest of the words counts,
/// and without any it is the command "normal". "update" is no command, but a program.
[[nodiscard]] std::string_view run_level(std::span<const char* const> words,
                                         std::vector<std::string>& unknown);
inline constexpr std::string_view kUpdateLevel = "update";

}  // namespace kindred::nosh
