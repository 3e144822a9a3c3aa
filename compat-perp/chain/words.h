#pragma once
// What perp's chain tools say before they do anything. Source: interfaces/perp.md sections 1.1 and 1.3.

#include <cstdint>

#include "core/chain/tool.h"

namespace kindred::perp {

/// "PROG: usage error: TEXT", where there is one, before the usage.
[[nodiscard]] ChainRequest misuse(char** argv, std::string_view text = {});
[[nodiscard]] ChainRequest not_numeric(char** argv, std::string_view option, std::string_view value);

/// -h, -V, and what is no option of the tool's; nullopt for an option of its own. `options` keeps its complaints.
[[nodiscard]] std::optional<ChainRequest> answer_option(char** argv, char letter, const Options& options);
/// … of a tool that has no others; nullopt where the operands begin.
[[nodiscard]] std::optional<ChainRequest> answer_options(char** argv, Options& options);

/// Says it, and returns the exit code: for a tool that has no steps.
[[nodiscard]] int tell(const ChainRequest& request, const char* usage);

inline constexpr const char* kMissing = "missing argument";

}  // namespace kindred::perp
