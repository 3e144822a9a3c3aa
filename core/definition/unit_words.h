#pragma once
// Words as units have them, and command lines. Source: systemd.service(5) "Command lines", systemd.syntax(7) "Quoting".

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kindred {

/// Blanks part words; '…' and "…" hold them together, and in all of them a backslash begins an escape as in C.
/// nullopt: quotes without an end, or an escape that is none.
[[nodiscard]] std::optional<std::vector<std::string>> split_unit_words(std::string_view text);

struct UnitCommand {
  std::vector<std::string> words;                          ///< the program first; variables are still in them
  bool ignores_failure = false;                            ///< -
  std::optional<std::string> program_name = std::nullopt;  ///< @: its argv[0]
  bool expands = true;                                     ///< without ":"
  bool privileged = false;                                 ///< +, ! or !!: not as the unit's user
};

/// One line, which may hold several, with ";" as a word between. nullopt: no command line.
[[nodiscard]] std::optional<std::vector<UnitCommand>> parse_unit_commands(std::string_view line);

/// As parse_unit_commands() reads it again.
[[nodiscard]] std::string unit_command_text(const UnitCommand& command);

/// Whether the word has a variable to be put in: "${NAME}" anywhere, or "$NAME" alone; "$$" is a dollar sign.
[[nodiscard]] bool has_variable(std::string_view word);
/// A word without variables, with "$$" as "$".
[[nodiscard]] std::string without_doubled_dollars(std::string_view word);
/// Reversed: a word from which nothing is put in.
[[nodiscard]] std::string with_doubled_dollars(std::string_view word);

}  // namespace kindred
