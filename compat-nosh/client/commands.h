#pragma once
// This family's command letters, said to a supervisor of any family.

#include <optional>
#include <string>
#include <string_view>

#include "core/dialect/dialect.h"

namespace kindred::nosh {

/// nullopt where that family cannot express one of them.
[[nodiscard]] std::optional<std::string> in_words_of(const Dialect& supervisor, std::string_view letters);

}  // namespace kindred::nosh
