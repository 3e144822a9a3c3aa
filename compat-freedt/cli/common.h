#pragma once
/// What all of freedt's programs do alike. Source: interfaces/freedt.md section 6.3.

#include <optional>

namespace kindred::freedt {

/// -V, and -? or -h, as the first word: one line on standard output, and the exit code. nullopt: none of
/// these.
[[nodiscard]] std::optional<int> answered(int argc, char** argv, const char* program, const char* usage,
                                          bool has_h = false);

/// The usage on standard error; returns the exit code.
int misused(const char* usage);

/// "PROG: fatal: unable to run FILE: …" when `argv` could not be run; returns the exit code.
[[nodiscard]] int become(const char* program, const char* file, char* const argv[]);

}  // namespace kindred::freedt
