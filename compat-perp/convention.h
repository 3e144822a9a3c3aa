#pragma once

#include "core/service/convention.h"

namespace kindred::perp {

/// Of a service's name, where scripts and messages are told it.
inline constexpr std::size_t kLongestName = 31;

extern const GroupConvention kConvention;

}  // namespace kindred::perp
