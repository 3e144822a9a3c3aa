#pragma once

#include "core/service/convention.h"

namespace kindred::perp {

extern const GroupConvention kConvention;

}  // namespace kindred::perp
