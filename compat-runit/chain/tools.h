#pragma once
// runit's chain tools on one screen: chpst, and what it is by other names. Source: interfaces/runit.md section 11.

#include <span>

#include "core/chain/tool.h"

namespace kindred::runit {

[[nodiscard]] std::span<const ChainTool> chain_tools();

}  // namespace kindred::runit
