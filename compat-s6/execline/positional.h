#pragma once
// A script's arguments in its environment: "#" is their number, 0 the script's name, 1, 2 … they; what was there
// before lies below, one level down for each script: 1:1, 1:2 … Pure. Source: interfaces/execline.md sections 5, 9 and
// 14.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/chain/environment.h"

namespace kindred::execline {

using Entries = std::vector<std::string>;  ///< "NAME=VALUE"

[[nodiscard]] std::string_view name_of(std::string_view entry);

/// Which variables have levels.
using HasLevels = bool (*)(std::string_view name);
[[nodiscard]] bool is_positional(std::string_view name);       ///< begins with a digit or is "#…"
[[nodiscard]] bool is_option_variable(std::string_view name);  ///< begins with ELGETOPT_

/// NAME becomes NAME:1, NAME:N NAME:N+1; with other text after the colon it stays.
[[nodiscard]] Entries push(const Entries& entries, HasLevels has_levels);
/// NAME goes, NAME:1 becomes NAME, NAME:N NAME:N-1.
[[nodiscard]] Entries pop(const Entries& entries, HasLevels has_levels);

/// "#", and the words from 1 on, are set. Of `previous` numbers those that are no longer words go.
[[nodiscard]] Entries with_words(Entries entries, const std::vector<std::string_view>& words,
                                 std::size_t previous = 0);

/// A decimal number, all of the word.
[[nodiscard]] std::optional<unsigned> number(std::string_view text);

/// As number(); one that no descriptor can have is the largest, which is not open.
[[nodiscard]] std::optional<int> descriptor_number(std::string_view text);

/// The words of "#" and 1, 2 …, or what is wrong with them.
struct PositionalWords {
  std::vector<std::string> words;
  std::string wrong;  ///< "# not set" …; empty: nothing
};
[[nodiscard]] PositionalWords positional_words(const Environment& environment);

}  // namespace kindred::execline
