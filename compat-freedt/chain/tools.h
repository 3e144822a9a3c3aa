#pragma once
// freedt's chain tools. Source: interfaces/freedt.md sections 3.9 and 6.3.

#include <span>

#include "core/chain/tool.h"

namespace kindred::freedt {

[[nodiscard]] std::span<const ChainTool> chain_tools();

/// The tool that argv[0] names, or kindred-freedt-chain's first argument.
int chain_main(int argc, char** argv);

}  // namespace kindred::freedt
