#pragma once
// Which programs scripts name. Pure.

#include <functional>
#include <string_view>

#include "core/definition/codec.h"

namespace kindred {

/// Every word of a script that could be a program's name, with its line: the last component of a path, and nothing
/// that a comment says but in the first line.
void for_each_word(std::string_view script,
                   const std::function<void(unsigned line, std::string_view word)>& each);

/// The one family whose own programs, which no other family has, the directory's scripts name. Null: there is none, or
/// there are several.
[[nodiscard]] const DefinitionCodec* family_of_tools(const DirectoryContent& content);

}  // namespace kindred
