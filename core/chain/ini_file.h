#pragma once
// Variables out of an INI file. Source: interfaces/encore.md section 12.

#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/chain/environment.h"

namespace kindred {

///   [NAME]        what follows is called NAME_…
///   ; …           nothing
///   name = value  blanks around both are no part of them; the value may be empty
/// Lines without `=` after the name are nothing. Pure and total.
[[nodiscard]] std::vector<VariableChange> parse_ini(std::string_view text, std::string_view prefix);

/// A file that is not there is empty. Errors: open's and read's; E2BIG beyond a megabyte.
[[nodiscard]] Result<std::vector<VariableChange>> read_ini_file(const char* path, std::string_view prefix);

}  // namespace kindred
