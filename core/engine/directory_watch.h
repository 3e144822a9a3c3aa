#pragma once
// Notice of changes in a directory and along the path that leads to it: a scan directory is often a link to a
// link whose target is switched. Costs nothing while nothing changes.

#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

class DirectoryWatch {
 public:
  /// Watches `path` and every link and parent by which it could become another directory; of what does not
  /// exist, the nearest parent that does. Replaces what was watched before.
  [[nodiscard]] Status watch(const std::string& path);
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Takes all notices that have come. True if one of them may concern the directory.
  [[nodiscard]] bool changed() noexcept;

 private:
  void watch_name(const std::string& directory, const std::string& name);

  UniqueFd fd_;
  std::map<int, std::vector<std::string>> names_;  ///< per watch; an empty list: every name counts
};

}  // namespace kindred
