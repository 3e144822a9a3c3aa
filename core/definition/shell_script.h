#pragma once
// Shell scripts that are plainly a chain, and the writing of such. Pure.
//
// Plain is a script whose every line is one of these, and whose words hold nothing that a shell would expand:
//
//   # …                              a comment
//   set -e, set -u, set -eu
//   exec 2>&1, exec <FILE, exec >FILE, exec >>FILE, exec N>&M, exec N<&-, exec N>&-
//   cd DIR, cd DIR || exit N         umask MASK       unset NAME
//   NAME=WORD, export NAME, export NAME=WORD
//   exec PROGRAM WORD… [redirection…]   the last one
//   exit 0                              likewise
//
// Anything else makes the whole script a script that is carried as it is.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/definition/service_definition.h"

namespace kindred {

/// What a plain script says: steps that the shell does, then a chain of words that it becomes.
struct PlainScript {
  std::vector<std::string> comments;
  std::vector<definition::Step> steps;
  std::vector<std::string> chain;  ///< empty: the script succeeds
};

/// Whether the first line names a shell whose words these are, with no options but -e and -u.
[[nodiscard]] bool is_shell_script(std::string_view text);
/// What the first line executes: the last component of its path, and of env's argument. Empty: no such line.
[[nodiscard]] std::string_view interpreter_of(std::string_view text);

/// nullopt: not plain.
[[nodiscard]] std::optional<PlainScript> read_plain_script(std::string_view text);
/// … of statements alone, without a first line.
[[nodiscard]] std::optional<PlainScript> read_plain_statements(std::string_view text);
/// One plain command line, as in sh -c.
[[nodiscard]] std::optional<std::vector<std::string>> read_plain_words(std::string_view text);

/// A word as a shell reads it back, with quotes only where it needs them.
[[nodiscard]] std::string shell_word(std::string_view word);
[[nodiscard]] std::string shell_words(const std::vector<std::string>& words);

/// The statement that does it, for steps that a shell itself can do; nullopt for others.
[[nodiscard]] std::optional<std::string> shell_statement(const definition::Step& step);
/// The steps that a statement of the grammar above does; nullopt: it is none, or a shell's variable.
[[nodiscard]] std::optional<std::vector<definition::Step>> read_shell_statement(std::string_view statement);

/// Whether the text looks at its arguments: a script that no shell reads is thought to.
[[nodiscard]] bool reads_arguments(std::string_view text);

}  // namespace kindred
