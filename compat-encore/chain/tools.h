#pragma once
// encore's chain tools on one screen. Source: interfaces/encore.md section 12.

#include <span>

#include "core/chain/tool.h"

namespace kindred::encore {

[[nodiscard]] std::span<const ChainTool> chain_tools();

}  // namespace kindred::encore
