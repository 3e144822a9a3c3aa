#pragma once
// daemontools' chain tools on one screen. Source: interfaces/daemontools.md section 10.

#include <span>

#include "core/chain/tool.h"

namespace kindred::daemontools {

[[nodiscard]] std::span<const ChainTool> chain_tools();

}  // namespace kindred::daemontools
