#pragma once
// What can be seen of a service directory from outside, gathered once and judged by every dialect.

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/fixed_vector.h"

namespace kindred {

/// The content of a supervise directory.
struct Evidence {
  bool has_lock = false, has_control = false, has_ok = false;
  bool has_pid = false, has_stat = false;  ///< runit's text files
  bool has_death_tally = false;            ///< s6's
  bool has_event_dir = false;              ///< s6's, beside supervise/
  std::int64_t status_size = -1;           ///< -1: there is no status file
  ByteView status;                         ///< as much as was read of it
};

/// What a service directory's author put into it, as far as some family has a *mark* for it. A mark is a name with a
/// sign as of `ls -F`:
///
///   "run"        is there, or a link that leads somewhere
///   "control/"   … and is a directory
///   "log*"       … and a regular file that its owner may execute
///   "supervise@" is a symbolic link
///   "a/run"      is in the directory a, and is none
class DirectoryShape {
 public:
  DirectoryShape() = default;
  DirectoryShape(std::initializer_list<std::string_view> marks) {
    for (const std::string_view mark : marks) add(mark);
  }

  /// `mark` lives longer.
  void add(std::string_view mark) {
    if (!has(mark)) seen_.push_back(mark);
  }
  [[nodiscard]] bool has(std::string_view mark) const {
    return std::find(seen_.begin(), seen_.end(), mark) != seen_.end();
  }
  [[nodiscard]] bool has_any(std::initializer_list<std::string_view> marks) const {
    return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) { return has(mark); });
  }
  /// Something marked is in that directory.
  [[nodiscard]] bool has_in(std::string_view directory) const {
    return std::any_of(seen_.begin(), seen_.end(), [&](std::string_view mark) {
      return mark.size() > directory.size() + 1 && mark.starts_with(directory) &&
             mark[directory.size()] == '/';
    });
  }

  bool log = false;          ///< something has that name
  bool sticky = false;       ///< the directory itself is
  bool has_script = false;   ///< some family finds something to run
  bool tells_ready = false;  ///< the service says when it is ready

 private:
  FixedVector<std::string_view, 40> seen_;
};

}  // namespace kindred
