#pragma once
// A door beside service directories, asked about one of them. See DoorCodec in core/dialect.

#include <string_view>

#include "core/base/result.h"
#include "core/dialect/dialect.h"

namespace kindred {

/// What whoever answers there says of the service. Errors: ENOENT, ECONNREFUSED … where nobody does; what the
/// answer gives as its reason; ETIMEDOUT for one who does not answer. Object: the door's socket.
[[nodiscard]] Result<DecodedStatus> ask_door(const DoorCodec& door, int service);
/// Likewise, for a service that is listed in the directory `parent`, wherever it lies.
[[nodiscard]] Result<DecodedStatus> ask_door(const DoorCodec& door, int parent, int service);

/// Sends the letters, one after the other.
[[nodiscard]] Status tell_door(const DoorCodec& door, int service, std::string_view letters);

}  // namespace kindred
