#pragma once
// kindred convert: its sources, and what it says.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/definition/codec.h"

namespace kindred {

/// What is no family's service directory, and is read all the same.
struct ForeignSource {
  const char* name;  ///< of --from
  /// A file or directory may define more than one service.
  std::function<Result<std::vector<ReadDefinition>>(const std::string& path)> read;
  const DefinitionCodec* family = nullptr;  ///< whose programs its scripts may run; null: nobody's
};
[[nodiscard]] std::span<const ForeignSource> foreign_sources();

/// The family for which a service directory was written: whose its shape clearly is; else whose own tools its scripts
/// name; else whose it may be as well. Null: nobody's.
[[nodiscard]] const DefinitionCodec* home_codec(int directory, const DirectoryContent& content);

/// One service that was converted, or would be.
struct ConvertedService {
  std::string name;
  std::string from;
  std::string to;
  WrittenDefinition written;
};

/// A line for each loss, "NAME/FILE:LINE: THING: WHY; ADVICE", and one for each service.
[[nodiscard]] std::string render_losses(std::span<const ConvertedService> services);
/// The schema is in kindred-convert(1).
[[nodiscard]] std::string render_losses_json(std::span<const ConvertedService> services);

}  // namespace kindred
