#pragma once
// From one family's service directory to another's, with everything that does not carry over. Pure.

#include <string>
#include <vector>

#include "core/definition/codec.h"

namespace kindred {

[[nodiscard]] const DefinitionCodec* find_codec(std::string_view family);

/// `from`: where scripts that are carried as they are were at home; null: nowhere.
[[nodiscard]] WrittenDefinition write_definition(const ReadDefinition& read, const DefinitionCodec* from,
                                                 const DefinitionCodec& to);
[[nodiscard]] WrittenDefinition convert(const DirectoryContent& content, const DefinitionCodec& from,
                                        const DefinitionCodec& to);

}  // namespace kindred
