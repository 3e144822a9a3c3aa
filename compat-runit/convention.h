#pragma once

#include "core/service/convention.h"

namespace kindred::runit {

extern const GroupConvention kConvention;

}  // namespace kindred::runit
