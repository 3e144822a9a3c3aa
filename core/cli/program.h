#pragma once
// The programs of one multi-call executable, as a table. Names clash across families, so there is one
// executable a family and the name alone picks the program within it.

#include <cstdint>
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

/// What follows the last slash of the path that this process was executed by, whatever argv[0] says.
[[nodiscard]] std::string_view executed_name();

/// What decides which program it is, where argv[0] names none.
enum class OtherNames : std::uint8_t {
  Executed,  ///< executed_name(), then the program that takes other names
  Taken,     ///< only the program that takes other names
};

/// Runs the program that argv[0] names: with or without directories before it, or as the first argument of
/// `kindred-FAMILY PROGRAM …`. `kindred-FAMILY --list` prints the table, `--help` how to call it.
/// Exit codes: the program's own; 100 for an unknown name, with usage on standard error; 111 when memory ran
/// out or a program let another exception go ("PROG: fatal: …").
[[nodiscard]] int run_program(std::span<const Program> programs, int argc, char** argv,
                              OtherNames other_names = OtherNames::Executed);

}  // namespace kindred
