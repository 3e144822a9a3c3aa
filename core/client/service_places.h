#pragma once
// Services by name: the scan directories that a host has, and what is called so in them.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/dialect/dialect.h"

namespace kindred {

/// Where scan directories are looked for, in this order.
struct PlaceSources {
  std::string chosen;              ///< $SVDIR: that alone; empty: it is not set
  std::vector<std::string> users;  ///< the user's own
  std::vector<std::string> usual;  ///< the system's
  std::string processes;  ///< where running scanners are found: /proc; empty: they are not looked for
};

/// What the environment and the families say.
[[nodiscard]] PlaceSources place_sources(std::span<const Dialect* const> families);

/// The directories that there are, each once under the name met first.
[[nodiscard]] std::vector<std::string> scan_places(const PlaceSources& sources,
                                                   std::span<const Dialect* const> families);

/// The scan directory that a process with these words and this working directory scans; empty: it is no scanner. Pure.
[[nodiscard]] std::string scanned_by(std::span<const std::string> words, std::string_view working_directory,
                                     std::span<const Dialect* const> families);

/// A service directory by its place and its name there. `path` is what the user would write.
struct PlacedService {
  std::string place;  ///< the scan directory; for a path that was given, what is before its last component
  std::string name;
  [[nodiscard]] std::string path() const;
};

/// Whether the name is that of a log: NAME/log. Then it becomes that of its main.
[[nodiscard]] bool take_log_suffix(std::string& pattern);

/// Those whose name matches the pattern (fnmatch(3), no match of a leading dot), in the order of places and names, each
/// directory once. A pattern with a slash is a path. Errors: ENOENT where nothing matches, operation "find",
/// object `pattern`.
[[nodiscard]] Result<std::vector<PlacedService>> find_services(std::span<const std::string> places,
                                                               const std::string& pattern);

/// All of a place. A directory or a link to one is a service unless its name begins with a dot.
[[nodiscard]] std::vector<PlacedService> services_in(const std::string& place);

/// Whether the pattern is one, and not just a name.
[[nodiscard]] bool is_pattern(std::string_view pattern);

}  // namespace kindred
