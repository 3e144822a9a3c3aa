#pragma once
// The chain tools of a family's table whose words are parsed, so that a new one is attacked too.

#include <cstdlib>
#include <initializer_list>
#include <span>
#include <vector>

#include "core/chain/tool.h"

namespace kindred::test {

inline std::vector<ChainTool> parsed_tools(std::initializer_list<std::span<const ChainTool>> tables) {
  std::vector<ChainTool> tools;
  for (const std::span<const ChainTool> table : tables)
    for (const ChainTool& tool : table)
      if (tool.parse != nullptr) tools.push_back(tool);
  // One byte of the input chooses.
  if (tools.empty() || tools.size() > 256) std::abort();
  return tools;
}

}  // namespace kindred::test
