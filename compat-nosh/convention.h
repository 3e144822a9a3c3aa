#pragma once

#include "core/service/convention.h"

namespace kindred::nosh {

extern const GroupConvention kConvention;

}  // namespace kindred::nosh
