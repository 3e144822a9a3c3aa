#pragma once
// Supervision of one service in this process: what `supervise DIR` and `runsv DIR` are.

#include "core/dialect/dialect.h"

namespace kindred {

struct SingleServiceOptions {
  const Dialect* home = nullptr;
  const char* directory = nullptr;
};

/// Returns when the service has been left: 0. TERM, INT and HUP (unless ignored from the start) mean what the
/// family's shutdown says. 111, with a message, where supervision could not begin.
[[nodiscard]] int supervise_single(const SingleServiceOptions& options);

}  // namespace kindred
