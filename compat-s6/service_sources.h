#pragma once
// s6-rc's source directories: longruns, which are service directories of s6's with a few files more, oneshots and bundles.
// Source: s6-rc-compile(1), "Source directories".

#include <span>
#include <vector>

#include "core/definition/codec.h"

namespace kindred::s6 {

/// `services`: each directory of the source directory, whole. `directory`: reads what a longrun has of a service directory, and
/// the words of a oneshot as those of a script.
///
/// A service that reads what one other writes becomes that one's log. A oneshot is a service that runs once and stays up
/// without a process; its `down` is the stop script. What a bundle has is wanted by it, and a dependency is required and
/// comes before.
[[nodiscard]] std::vector<ReadDefinition> read_service_sources(std::span<const DirectoryContent> services,
                                                               const DefinitionCodec& directory);

}  // namespace kindred::s6
