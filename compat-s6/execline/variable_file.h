#pragma once
// The file that envfile reads. Pure. Source: interfaces/execline.md section 9.
//
//   line     [BLANK...] NAME [BLANK...] '=' [BLANK...] VALUE [BLANK...], or one that is empty or begins with '#'
//   BLANK    space, tab, form feed, carriage return
//   NAME     bytes other than blanks, '=', '\', '"'; the first one is no '#'
//   VALUE    text, and "quoted parts"; '\' outside of these: with newline nothing; with a blank, '\' or '"' that byte
//   quoted   '\' with: a b f n r t v; x and two hexadecimal digits; one to three octal digits; newline: nothing;
//            another byte: that byte. No newline.
//
// Neither a value nor a name has a NUL.

#include <optional>
#include <string_view>
#include <vector>

#include "core/chain/environment.h"

namespace kindred::execline {

struct VariableFile {
  std::vector<VariableChange> changes;
  std::optional<unsigned> wrong_line;  ///< from 1; nothing is to be believed then
};

[[nodiscard]] VariableFile read_variables(std::string_view text);

}  // namespace kindred::execline
