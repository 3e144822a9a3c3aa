#pragma once
// From one family's command letters to another's: letter -> canonical command -> letter. Pure.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/dialect/dialect.h"

namespace kindred {

using Commands = std::vector<ControlCommand>;

/// What a stream of `letters` means in the family that they belong to. Letters that it does not know are left
/// out.
[[nodiscard]] Commands read_letters(std::string_view letters, const ControlCodec& codec);

/// The bytes that say these commands to another family; nullopt if it cannot express one of them.
[[nodiscard]] std::optional<std::string> write_letters(std::span<const ControlCommand> commands,
                                                       const ControlCodec& codec);

/// Whether a family's exit command stops the service too. Where it does not, "stop and leave" needs a Down
/// before.
[[nodiscard]] bool exit_stops_service(const Convention& convention);

/// Whether a service that says that it is ready is known for it by the family's status record.
[[nodiscard]] bool tells_ready(const Dialect& dialect);

}  // namespace kindred
