#pragma once
// Variables as units have them. Source: systemd.exec(5) "EnvironmentFile=", systemd.service(5) "Command lines".

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kindred {

/// NAME=VALUE on each line, comments of # and ;. Quotes around a value, or parts of it, go; within "…" and outside of
/// quotes a backslash takes the next byte as it is, or goes on in the next line. Other lines are nothing.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_environment_file(std::string_view text);

using VariableValue = std::function<std::optional<std::string>(const std::string& name)>;
/// "$NAME" as a word of its own becomes the words of the value, perhaps none; "${NAME}" its value wherever it stands;
/// "$$" a dollar sign.
[[nodiscard]] std::vector<std::string> expand_variables(const std::vector<std::string>& words,
                                                        const VariableValue& value);

}  // namespace kindred
