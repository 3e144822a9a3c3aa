#pragma once
// Where this process may make control groups of its own (cgroup v2).

#include <optional>
#include <string>
#include <string_view>

namespace kindred {

/// Pure: the directory of a process's own group, from its /proc/PID/cgroup and /proc/PID/mountinfo. nullopt: it is seen
/// nowhere.
[[nodiscard]] std::optional<std::string> control_group_directory_of(std::string_view groups,
                                                                    std::string_view mounts);

/// Likewise of a process, by its number or "self", as this one sees it.
[[nodiscard]] std::optional<std::string> control_group_of(const std::string& process);

/// The directory of this process's own group, if groups may be made in it: not where systemd runs and has not delegated
/// it, and not the root of all, unless this process's own are the only ones (`is_first`: it keeps process 1).
/// That it can be written is still to be found out.
[[nodiscard]] std::optional<std::string> own_control_group(bool is_first);

}  // namespace kindred
