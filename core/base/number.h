#pragma once
// Numbers in words from outside: all of the word, or it is none.

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace kindred {

/// Decimal digits; nullopt for anything else, and for what the type cannot hold.
template <std::unsigned_integral Number>
[[nodiscard]] std::optional<Number> parse_unsigned(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace kindred
