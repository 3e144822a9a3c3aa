#pragma once
// supervisord's configuration. Source: supervisord(1), its manual "Configuration File".

#include <span>
#include <vector>

#include "core/definition/codec.h"
#include "core/definition/source_file.h"

namespace kindred {

/// Each [program:NAME] of all files; what an [include] names has to be among them.
[[nodiscard]] std::vector<ReadDefinition> read_supervisord(std::span<const SourceFile> files);

}  // namespace kindred
