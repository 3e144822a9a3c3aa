#pragma once
// Where a unit's files are, and what they hold. Source: interfaces/nosh-system.md section 8.1.

#include <string_view>

#include "compat-nosh/import/unit_import.h"

namespace kindred::nosh {

/// With a slash: in that directory only; without a suffix: a service. Errors: object: the file.
[[nodiscard]] Result<UnitParts> find_unit(std::string_view argument, bool per_user);

}  // namespace kindred::nosh
