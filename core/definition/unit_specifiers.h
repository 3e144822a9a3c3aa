#pragma once
// What a percent sign and a letter stand for in systemd's units. Source: systemd.unit(5) "Specifiers".

#include <optional>
#include <string>
#include <string_view>

#include "core/definition/unit_name.h"

namespace kindred {

struct ReplacedText {
  std::string text;
  std::optional<char> unknown = std::nullopt;  ///< a letter for what only a running machine knows
};

/// `user`: whom %u means; of others than root %U and %h are unknown.
[[nodiscard]] ReplacedText replace_specifiers(std::string_view text, const UnitName& name,
                                              const std::string& user);

}  // namespace kindred
