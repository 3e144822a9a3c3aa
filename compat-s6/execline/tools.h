#pragma once
// execline's commands.

#include <span>

#include "core/chain/tool.h"

namespace kindred::execline {

[[nodiscard]] std::span<const ChainTool> chain_tools();

}  // namespace kindred::execline
