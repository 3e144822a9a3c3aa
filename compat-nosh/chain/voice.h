#pragma once
// How nosh's chain tools speak. Source: interfaces/nosh.md section 2.

#include "core/chain/tool.h"

namespace kindred::nosh {

/// "TOOL: FATAL: WHAT: reason".
void tell_error(std::string_view speaker, Severity severity, const Error& error);

inline constexpr ChainVoice kVoice{.reason = system_error_text,
                                   .failure_code = 1,
                                   .not_found_code = 1,
                                   .not_executable_code = 1,
                                   .tell = tell_error,
                                   .no_program = "Missing terminal command",
                                   .own_tools_first = true,
                                   .searches_new_path = true,
                                   .sorts_environment = true};

}  // namespace kindred::nosh
