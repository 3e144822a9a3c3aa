#pragma once

#include "core/service/convention.h"

namespace kindred::freedt {

extern const GroupConvention kConvention;

}  // namespace kindred::freedt
