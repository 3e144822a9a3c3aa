#pragma once

#include "core/service/convention.h"

namespace kindred::daemontools {

extern const GroupConvention kConvention;

}  // namespace kindred::daemontools
