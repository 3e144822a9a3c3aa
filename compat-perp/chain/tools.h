#pragma once
// perp's chain tools on one screen. Source: interfaces/perp.md section 13.

#include <span>

#include "core/chain/tool.h"

namespace kindred::perp {

[[nodiscard]] std::span<const ChainTool> chain_tools();

}  // namespace kindred::perp
