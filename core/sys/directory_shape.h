#pragma once

#include <span>

#include "core/dialect/dialect.h"

namespace kindred {

/// Looks at what lies in a service directory, from its first entry, for the marks of these families; runs nothing, reads
/// no file.
[[nodiscard]] DirectoryShape shape_of(int directory, std::span<const Dialect* const> families);

/// What one of its entries adds to that; `type` is the d_type with which it was listed. For whoever lists the directory
/// anyway.
void add_to_shape(DirectoryShape& shape, int directory, const char* name, unsigned char type,
                  std::span<const Dialect* const> families);

}  // namespace kindred
