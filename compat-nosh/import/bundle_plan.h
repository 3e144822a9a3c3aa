#pragma once
// A bundle that is to be: what lies in its directory, as a value.

#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace kindred::nosh {

struct BundlePlan {
  std::string name;
  /// In its service directory: programs, which are replaced,
  std::vector<std::pair<std::string, std::string>> scripts;
  /// and files that count by being there, or not; others are left alone.
  std::vector<std::pair<std::string, bool>> flags;
  struct Link {
    std::string directory;  ///< in the bundle; "": the bundle itself
    std::string name;
    std::string text;
  };
  std::vector<Link> links;
  std::vector<std::string> warnings;  ///< to be told when it is written
};

enum class IfThere : bool { IsReplaced, IsAnError };

/// Makes the bundle in `root`, or brings what is there up to date: a script is replaced at once, other entries stay.
/// Errors: object: the path, from `root` on.
[[nodiscard]] Status write_bundle(const std::string& root, const BundlePlan& plan, IfThere if_there);

}  // namespace kindred::nosh
