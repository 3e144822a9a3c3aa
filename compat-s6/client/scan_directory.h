#pragma once
// A scan directory from outside: its scanner's door is .s6-svscan/control, a held .s6-svscan/lock says that
// it lives. Source: interfaces/s6.md section 9.2.

#include <string_view>

#include "core/base/result.h"

namespace kindred::s6 {

/// Sends all `letters` in one write. With none it only looks whether there is a reader.
/// Errors: ENXIO and ENOENT where no scanner listens; EINVAL for anything but a FIFO.
[[nodiscard]] Status tell_scanner(int directory, std::string_view letters);

/// Errors: those of opening the lock.
[[nodiscard]] Result<bool> has_scanner(int directory);

}  // namespace kindred::s6
