#pragma once

#include "core/service/convention.h"

namespace kindred::s6 {

extern const GroupConvention kConvention;

}  // namespace kindred::s6
