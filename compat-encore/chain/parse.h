#pragma once
// The words of the chain tools that only encore has. Source: interfaces/encore.md section 12.

#include "core/chain/tool.h"

namespace kindred::encore {

[[nodiscard]] ChainRequest parse_envini(int argc, char** argv, const Environment& environment);
/// The documented variables (HOME, SHELL, USER, UID, GID) are set, which the original forgets.
[[nodiscard]] ChainRequest parse_setuser(int argc, char** argv, const Environment& environment);

}  // namespace kindred::encore
