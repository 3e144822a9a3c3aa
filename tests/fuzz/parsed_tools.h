#pragma once
// The chain tools of a family's table, so that a new one is attacked too.

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <span>
#include <vector>

#include "core/chain/tool.h"

namespace kindred::test {

/// These have no options; each word of theirs is taken as it is.
inline constexpr std::string_view kTakeAllWords[] = {"anonidentd", "catargs", "catenv",    "catlimits",
                                                     "catuid",     "fghack",  "mkservice", "s6-fghack"};

inline std::vector<ChainTool> parsed_tools(std::initializer_list<std::span<const ChainTool>> tables) {
  std::vector<ChainTool> tools;
  for (const std::span<const ChainTool> table : tables)
    for (const ChainTool& tool : table)
      if (tool.parse != nullptr)
        tools.push_back(tool);
      else if (std::ranges::find(kTakeAllWords, std::string_view(tool.name)) == std::end(kTakeAllWords))
        std::abort();
  // One byte of the input chooses.
  if (tools.empty() || tools.size() > 256) std::abort();
  return tools;
}

}  // namespace kindred::test
