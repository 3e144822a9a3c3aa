#pragma once
// s6's chain tools on one screen. Source: interfaces/s6.md section 13.

#include <span>

#include "core/chain/tool.h"

namespace kindred::s6 {

[[nodiscard]] std::span<const ChainTool> chain_tools();

}  // namespace kindred::s6
