#pragma once

#include <string_view>

#include "core/client/service_directory.h"

namespace kindred {

/// Whether a supervisor looks after the service at `path`, as an exit code: 0, or 100 for no; 111, with a
/// message, where it cannot be told.
[[nodiscard]] int svok(std::string_view program, const char* path, const KnownFamilies& families);

}  // namespace kindred
