#pragma once
// Control groups: which one, and what is set there. Source: interfaces/nosh-system.md sections 4.8, 8.2.

#include "compat-nosh/import/service_lines.h"

namespace kindred::nosh {

void read_group_lines(const UnitValues& service, const UnitName& name, ServiceLines& lines);

}  // namespace kindred::nosh
