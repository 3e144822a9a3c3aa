#pragma once
// Supervision of one service in this process: what `supervise DIR` and `runsv DIR` are.

#include <span>

#include "core/dialect/dialect.h"

namespace kindred {

struct SingleServiceOptions {
  const Dialect* home = nullptr;
  std::span<const Dialect* const> families{};  ///< in whose dialects it may be shown besides
  const char* directory = nullptr;
};

/// Returns when the service has been left: 0. Signals mean what the dialect says. 111, or the family's code
/// for a lock that another holds, with a message, where supervision could not begin.
[[nodiscard]] int supervise_single(const SingleServiceOptions& options);

}  // namespace kindred
