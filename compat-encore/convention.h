#pragma once

#include "core/service/convention.h"

namespace kindred::encore {

extern const GroupConvention kConvention;

}  // namespace kindred::encore
