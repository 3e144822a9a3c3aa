#pragma once
// systemd's units as this family's bundles: plan_import() is the whole conversion but for the disc.
// Source: interfaces/nosh-system.md section 8.

#include <optional>
#include <string>

#include "compat-nosh/import/bundle_plan.h"
#include "compat-nosh/import/unit_settings.h"
#include "core/definition/unit_name.h"

namespace kindred::nosh {

struct ImportOptions {
  bool per_user = false;
  bool etc_bundle = false, local_bundle = false;  ///< where the bundle is to lie, for the texts of links
  bool quirks = true;                             ///< what systemd does of its own accord
  bool generation_comment = true;
  bool escape_instance = false, escape_prefix = false;  ///< these are given as they are to be understood
  bool alternative_escape = false, extended_escape = true;
};

/// What the conversion has to know of where it runs.
struct ImportHost {
  std::string machine_id;
  std::string user, home;  ///< whose units they are, with per_user
};

/// The files of one unit. A socket or a timer has the service that it is for.
struct UnitParts {
  UnitName name;
  UnitSettings unit;  ///< of the service, or of the target
  std::optional<UnitSettings> socket, timer;
  std::string sources;  ///< all files' names, for the comment
};

/// Errors: code 0: the unit's file, and why it is refused.
[[nodiscard]] Result<BundlePlan> plan_import(UnitParts& parts, const ImportOptions& options,
                                             const ImportHost& host);

/// Whether the template of a socket's service is meant: a process for each connection.
[[nodiscard]] bool accepts(const UnitSettings& socket);

}  // namespace kindred::nosh
