#pragma once

#include "core/dialect/evidence.h"

namespace kindred {

/// Looks at what lies in a service directory, from its first entry; runs nothing, reads no file.
[[nodiscard]] DirectoryShape shape_of(int directory);

/// What one of its entries adds to that; `type` is the d_type with which it was listed. For whoever lists the directory
/// anyway.
void add_to_shape(DirectoryShape& shape, int directory, const char* name, unsigned char type);

/// Whether there is something to run.
[[nodiscard]] inline bool has_script(const DirectoryShape& shape) {
  return shape.run || shape.rc_main || shape.start || shape.finish || shape.service_dir;
}

}  // namespace kindred
