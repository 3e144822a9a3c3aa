#pragma once
// The variables of a service: an environment directory `env` in its service directory.
// Source: interfaces/nosh-system.md section 10.

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace kindred::nosh {

/// What a file holds for a value; nullopt: the variable is to be removed. In `full` the newlines within are
/// themselves, else NULs.
[[nodiscard]] std::string file_of_value(const std::optional<std::string>& value, bool full);
/// What is shown of a file: all of it, or (not `full`) its first line; NULs are newlines.
[[nodiscard]] std::string value_of_file(std::string_view content, bool full);

/// `variable` is a name in `env`, or with slashes one below it. Errors: open's, write's; EINVAL for a name that
/// leads out of it.
[[nodiscard]] Status set_service_variable(int service, const std::string& variable,
                                          const std::optional<std::string>& value, bool full);
/// One of them, with a newline at its end, or all, as NAME=VALUE.
[[nodiscard]] Result<std::string> service_variable_text(int service, const std::string& variable, bool full);
[[nodiscard]] Result<std::string> service_environment_text(int service, bool full);

}  // namespace kindred::nosh
