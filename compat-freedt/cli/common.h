#pragma once
/// What all of freedt's programs do alike. Source: interfaces/freedt.md section 6.3.

#include <optional>

#include "core/chain/account.h"
#include "core/cli/output.h"

namespace kindred::freedt {

/// -V, and -? or -h, as the first word: one line on standard output, and the exit code. nullopt: none of
/// these.
[[nodiscard]] std::optional<int> answered(int argc, char** argv, const char* program, const char* usage,
                                          bool has_h = false);

/// The usage on standard error; returns the exit code.
int misused(const char* usage, int exit_code = kExitUsage);

/// Nothing, after "PROG: fatal: …", where there is no such account.
[[nodiscard]] std::optional<Account> account_or_complaint(const char* program, const char* name);

}  // namespace kindred::freedt
