#pragma once
// How a family writes down a service: the part of a dialect that only `kindred convert` and its like need, and that no
// supervisor links. Pure: files come in and go out as values.

#include <span>
#include <string_view>
#include <vector>

#include "core/chain/environment.h"
#include "core/definition/service_definition.h"

namespace kindred {

/// A service directory, read whole or to be written.
struct DirectoryContent {
  std::string name;
  mode_t mode = 0755;
  std::vector<definition::File> files;  ///< those below a directory after it; sorted by path
};

struct ReadDefinition {
  ServiceDefinition definition;
  std::vector<Loss> losses;  ///< what the family itself ignores, or what is in no definition
};
struct WrittenDefinition {
  DirectoryContent content;
  std::vector<Loss> losses;
};

struct DefinitionCodec {
  const char* family = nullptr;
  ReadDefinition (*read)(const DirectoryContent&) = nullptr;
  WrittenDefinition (*write)(const ServiceDefinition&) = nullptr;
  /// Programs that the family has and others do not: a script that is carried as it is may need them.
  std::span<const char* const> tools{};
  /// How its tool reads the files of an environment directory, as read() and write() mean it.
  const ValueRules* environment_files = nullptr;
  /// Variables that its supervisor alone sets for scripts.
  std::span<const char* const> variables{};
  /// What `kindred convert` calls another way of the family to define services: a directory of directories, some of which are
  /// service directories and others tell how these belong together. Null: it has none.
  const char* sources = nullptr;
  std::vector<ReadDefinition> (*read_sources)(std::span<const DirectoryContent>) = nullptr;
};

/// Those that this program was built with, in the order of the families. CMake writes the list.
[[nodiscard]] std::span<const DefinitionCodec* const> definition_codecs();

}  // namespace kindred
