#pragma once
// What listens, and what comes of a connection; and what waits for a point in time.
// Source: interfaces/nosh-system.md sections 8.4, 8.5.

#include "compat-nosh/import/bundle_plan.h"
#include "compat-nosh/import/unit_values.h"

namespace kindred::nosh {

struct SocketLines {
  ScriptLines listen;  ///< before all others
  ScriptLines accept;  ///< after them
};
/// `plan` gets the relations. Errors: code 0: why it is refused.
[[nodiscard]] Result<SocketLines> read_socket_lines(const UnitValues& socket, BundlePlan& plan);

struct TimerLines {
  ScriptLines set;  ///< before all others
  ScriptLines wait;
};
[[nodiscard]] TimerLines read_timer_lines(const UnitValues& timer, bool quirks, BundlePlan& plan);

}  // namespace kindred::nosh
