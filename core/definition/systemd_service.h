#pragma once
// Units of systemd as definitions. What the family's tools lack is said through `kindred run`, whose options are named
// like the units' keys; the table is in kindred-run(1) and kindred-convert(1).
// Source: systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.kill(5), systemd.socket(5).

#include <span>
#include <vector>

#include "core/definition/codec.h"
#include "core/definition/source_file.h"

namespace kindred {

/// NAME.service, NAME@INSTANCE.service (the file may be the template's), their .d/*.conf, and NAME.socket; files in any
/// order. A timer, a target or any other unit is named as lost.
[[nodiscard]] std::vector<ReadDefinition> read_systemd_units(std::span<const SourceFile> files);

}  // namespace kindred
