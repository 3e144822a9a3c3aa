#pragma once

#include <cstdint>

#include "core/base/tai64n.h"

namespace kindred {

/// How old a stamp is, as the family's status lines count: whole seconds of `now` less whole seconds of
/// `since`, fractions left out, and 0 for a stamp in the future. Total: a record may hold any 8 bytes, so the
/// labels are compared as the unsigned numbers that they are.
[[nodiscard]] inline std::uint64_t age_in_seconds(WallTime since, WallTime now) {
  const std::uint64_t then = static_cast<std::uint64_t>(since.seconds) + kTai64Epoch;
  const std::uint64_t today = static_cast<std::uint64_t>(now.seconds) + kTai64Epoch;
  return then < today ? today - then : 0;
}

}  // namespace kindred
