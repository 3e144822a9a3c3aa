#pragma once
// The programs of one multi-call executable, as a table. Names clash across families, so there is one
// executable a family and the name alone picks the program within it.

#include <span>
#include <string_view>

namespace kindred {

struct Program {
  const char* name;
  int (*main)(int argc, char** argv);  ///< argv[0] as it was called; returns the exit code
  const char* summary;                 ///< a few words for the list
  /// Also serves every name that is no program's: runit's sv, linked as /etc/init.d/NAME, controls NAME.
  bool takes_other_names = false;
};

/// What follows the last slash; "" of a null pointer.
[[nodiscard]] std::string_view base_name(const char* path);

/// Runs the program that argv[0] names: with or without directories before it, or as the first argument of
/// `kindred-FAMILY PROGRAM …`. `kindred-FAMILY --list` prints the table, `--help` how to call it.
/// Exit codes: the program's own; 100 for an unknown name, with usage on standard error; 111 when memory ran
/// out or a program let another exception go ("PROG: fatal: …").
[[nodiscard]] int run_program(std::span<const Program> programs, int argc, char** argv);

}  // namespace kindred
