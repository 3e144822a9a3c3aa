#pragma once
// What is wrong with a service directory before anything runs. Pure: what the system has is asked through values.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/definition/codec.h"

namespace kindred {

enum class Gravity : std::uint8_t {
  Note,     ///< may be meant so
  Warning,  ///< works, but not as it looks, or not always
  Error,    ///< does not work, or gives others the service's rights
};

struct Finding {
  Gravity gravity = Gravity::Warning;
  std::string check = {};  ///< which one, for whoever sorts them: "no-exec"
  std::string file = {};   ///< from the service directory; empty: the directory itself
  unsigned line = 0;       ///< 0: all of it
  std::string what = {};
  std::string mend = {};
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// What a check looks at besides the directory.
struct CheckedService {
  DirectoryContent content;
  std::vector<Loss> unread = {};  ///< of load_service()
  bool foreign_owner = false;     ///< the directory belongs neither to root nor to who checks
  std::vector<std::string> open_to_all =
      {};  ///< of what the supervisor keeps there, what everybody may write
  const DefinitionCodec* family = nullptr;
  std::span<const DefinitionCodec* const> families{};
  /// Whether a path, or a name on PATH, can be executed.
  std::function<bool(const std::string&)> is_program;
};

/// In the order of files and lines.
[[nodiscard]] std::vector<Finding> check_service(const CheckedService& service);

/// The names of services whose start waits for that of the next, round in a circle; each circle once.
[[nodiscard]] std::vector<std::vector<std::string>> find_loops(std::span<const ServiceDefinition> services);

}  // namespace kindred
