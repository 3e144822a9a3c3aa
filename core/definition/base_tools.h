#pragma once
// Chains in the tools that the daemontools line has in common. Pure.

#include <string>
#include <vector>

#include "core/definition/chain.h"

namespace kindred {

struct BaseTools {
  bool all_groups = false;        ///< setuidgid -s
  const char* session = nullptr;  ///< a tool that makes a session
};

/// As ChainWriter: setuidgid, envuidgid, envdir, softlimit, setlock.
[[nodiscard]] std::size_t write_base_tools(std::span<const definition::Step> steps,
                                           std::vector<std::string>& words, const BaseTools& tools);

/// Limits of the same kind from the front of the steps, as "-o 64 -s 8192": all that come one after the other.
[[nodiscard]] std::size_t write_limits(std::span<const definition::Step> steps,
                                       definition::SetLimit::Which which, std::string_view letters,
                                       std::vector<std::string>& words);

}  // namespace kindred
