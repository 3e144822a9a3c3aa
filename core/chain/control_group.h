#pragma once
// Control groups, named relative to the one that this process is in.

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace kindred {

struct ProcessState;

/// The process joins a group, which is made where it is not there. Where the system has no control groups, or they
/// cannot be written, that is said, and the chain goes on: no service fails for want of them.
struct JoinControlGroup {
  std::string group;
};
[[nodiscard]] Status apply_step(const JoinControlGroup& step, ProcessState& state);

/// Where a process's own group is in the file system, from /proc/PID/cgroup: the hierarchy and the path in it.
struct ControlGroupPlace {
  std::string root;  ///< "/sys/fs/cgroup", or "/sys/fs/cgroup/systemd" of the old hierarchy
  std::string path;  ///< "/a/b", "" for the root
};
/// Pure; the new hierarchy where `has_unified`, and the process is in it. nullopt: neither.
[[nodiscard]] std::optional<ControlGroupPlace> control_group_place(std::string_view text, bool has_unified);
/// Pure: the directory of `group`, which is relative to `own`, or with a slash in front to its root; `..` leads
/// nowhere above that.
[[nodiscard]] std::string control_group_directory(const ControlGroupPlace& own, std::string_view group);

/// The directory of `group`, as seen by this process; nullopt where there are no control groups.
[[nodiscard]] std::optional<std::string> find_control_group(std::string_view group);

}  // namespace kindred
