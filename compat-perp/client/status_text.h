#pragma once
// perpstat's report on one service. Pure. Source: interfaces/perp.md section 9.1.

#include <string>
#include <string_view>

#include "compat-perp/packet.h"

namespace kindred::perp {

/// The uptime of a half: 0 hides a process in its first half second.
[[nodiscard]] std::uint64_t uptime(const StatusRecord& half, WallTime now);

/// Three lines. `foreign`: the family that supervises in perpd's place; null: perpd itself.
[[nodiscard]] std::string status_text(std::string_view name, const ServiceStatus& status,
                                      const Dialect* foreign, WallTime now);

}  // namespace kindred::perp
