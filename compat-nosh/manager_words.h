#pragma once
// What the manager says, on standard error: "service-manager: SEVERITY: …".

#include "core/sys/line.h"

namespace kindred::nosh {

inline constexpr const char* kManager = "service-manager";

template <class... Parts>
void tell(const char* severity, const Parts&... parts) {
  Line line(kManager);
  line.add(": ").add(severity).add(": ");
  (line.add(parts), ...);
  say(line);
}

}  // namespace kindred::nosh
