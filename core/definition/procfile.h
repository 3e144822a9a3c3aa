#pragma once
// Procfiles. Source: foreman(1) "PROCFILE", "ENVIRONMENT".

#include <span>
#include <vector>

#include "core/definition/codec.h"
#include "core/definition/source_file.h"

namespace kindred {

/// NAME: COMMAND on each line. A file whose name begins with ".env" has variables for all of them.
[[nodiscard]] std::vector<ReadDefinition> read_procfiles(std::span<const SourceFile> files);

}  // namespace kindred
