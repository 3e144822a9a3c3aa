// For which family a service directory was written.

#include "core/client/survey.h"
#include "core/definition/convert.h"
#include "core/definition/tools_named.h"
#include "core/dialect/registry.h"
#include "core/native/convert.h"
#include "core/sys/directory_shape.h"

namespace kindred {

const DefinitionCodec* home_codec(int directory, const DirectoryContent& content) {
  const DirectoryShape shape = shape_of(directory, families());
  const Dialect* family = written_for(families(), shape);
  if (family == nullptr) {
    if (const DefinitionCodec* const codec = family_of_tools(content)) return codec;
    family = family_of_shape(families(), shape);
  }
  return family != nullptr ? find_codec(family->name) : nullptr;
}

}  // namespace kindred
