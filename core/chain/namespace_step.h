#pragma once
// What the program sees of the system: namespaces, and how mounts spread.

#include <string>
#include <vector>

#include "core/base/result.h"

namespace kindred {

struct ProcessState;

/// New namespaces instead of the inherited ones. A new one for processes only concerns children.
struct LeaveNamespaces {
  int kinds = 0;  ///< unshare(2)'s flags
};

/// How mounts at and below a directory spread to others.
struct SetPropagation {
  std::string path;
  unsigned long kind = 0;  ///< MS_SHARED, MS_SLAVE or MS_PRIVATE
  bool recursive = false;
};

/// Directories cannot be written any more, but for some in them; what is mounted below stays as it is. What is not there
/// is passed over. Only of use in a mount namespace of one's own.
struct MakeReadOnly {
  std::vector<std::string> paths;
  std::vector<std::string> but = {};
};

/// The program's own in place of the system's; what is not there is passed over. Likewise.
struct MakePrivate {
  bool temporary = false;                ///< /tmp and /var/tmp: directories that are made below them
  bool devices = false;                  ///< /dev
  std::vector<std::string> hidden = {};  ///< empty directories, or files with nothing in them
};

[[nodiscard]] Status apply_step(const MakePrivate& step, ProcessState& state);
[[nodiscard]] Status apply_step(const MakeReadOnly& step, ProcessState& state);
[[nodiscard]] Status apply_step(const LeaveNamespaces& step, ProcessState& state);
[[nodiscard]] Status apply_step(const SetPropagation& step, ProcessState& state);

}  // namespace kindred
