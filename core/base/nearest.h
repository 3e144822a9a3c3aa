#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kindred {

/// How many bytes must be inserted, removed, replaced or exchanged with their neighbours to make `other` of `word`.
[[nodiscard]] std::size_t distance(std::string_view word, std::string_view other);

/// The one of `known` that a mistyped word most probably means; empty where none is near, or two are as near.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string> known);

}  // namespace kindred
