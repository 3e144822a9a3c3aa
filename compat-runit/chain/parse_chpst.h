#pragma once
// chpst's words, and those of its other names. Source: interfaces/runit.md section 11.

#include "core/chain/tool.h"

namespace kindred::runit {

/// The steps come in chpst's order, whatever the order of the options; of an option given twice the last counts, but
/// two locks are wrong usage.
[[nodiscard]] ChainRequest parse_chpst(int argc, char** argv, const Environment& environment);

}  // namespace kindred::runit
