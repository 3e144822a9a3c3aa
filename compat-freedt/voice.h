#pragma once
/// What all of freedt's programs do alike. Source: interfaces/freedt.md section 6.3.

#include <optional>
#include <span>

#include "core/cli/output.h"

namespace kindred::freedt {

/// -V, and -? or -h, as the first word: one line on standard output, and the exit code. nullopt: none of
/// these.
[[nodiscard]] std::optional<int> answered(int argc, char** argv, const char* program, const char* usage,
                                          bool has_h = false);

/// The words of a program that has no options, but for those that answered() knows; `--` may stand before them. nullopt,
/// after a complaint: one of them is an option.
[[nodiscard]] std::optional<std::span<char* const>> operands_alone(int argc, char** argv);

/// The usage on standard error; returns the exit code.
int misused(const char* usage, int exit_code = kExitUsage);

}  // namespace kindred::freedt
