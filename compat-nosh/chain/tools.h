#pragma once
// nosh's chain tools and its interpreter. Source: interfaces/nosh.md sections 16 and 17, interfaces/nosh-system.md
// sections 2 and 4.

#include <span>

#include "core/chain/tool.h"

namespace kindred::nosh {

[[nodiscard]] std::span<const ChainTool> chain_tools();

/// The tool that argv[0] names, or kindred-nosh-chain's first argument.
int chain_main(int argc, char** argv);

}  // namespace kindred::nosh
