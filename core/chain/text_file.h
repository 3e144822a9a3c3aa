#pragma once
// Text files with a word, a variable or a limit on each line. Source: interfaces/perp.md sections 13 and 13.2.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/chain/environment.h"

namespace kindred {

/// The whole file; nullopt is standard input. Errors: open's and read's, EISDIR for a directory among them; E2BIG for
/// more than any program can be given; code 0 for a NUL byte, which no word can have.
[[nodiscard]] Result<std::string> read_text(const std::optional<std::string>& path);

/// The lines that say something, without the blanks at both ends: not the empty ones, and not those that begin with
/// `#`. The last one may lack its newline.
[[nodiscard]] std::vector<std::string_view> text_lines(std::string_view text);

[[nodiscard]] std::string_view without_blanks(std::string_view text);

/// Lines as variables: `NAME=VALUE` sets, `NAME` removes. Blanks around `=` say nothing, nor does a line without a
/// name; the value is unescaped.
[[nodiscard]] std::vector<VariableChange> parse_variables(std::string_view text);

/// `\\`, `\n` and `\t` are what they are in C, `\_` is a blank; any other backslash is itself.
[[nodiscard]] std::string unescape(std::string_view text);

}  // namespace kindred
