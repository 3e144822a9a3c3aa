#pragma once
// Relations between units as links. Source: interfaces/nosh-system.md section 8.6.

#include <vector>

#include "compat-nosh/import/bundle_plan.h"
#include "compat-nosh/import/unit_values.h"

namespace kindred::nosh {

/// Where the links of a bundle lead.
struct BundlePlaces {
  std::string targets, services;
};
[[nodiscard]] BundlePlaces bundle_places(const ImportOptions& options, bool of_target);

/// From a unit's own lines.
void add_relations(UnitValues& unit, UnitValues& install, const BundlePlaces& places, BundlePlan& plan);
/// `relation`/mount@… for a path and what it lies below, but the root.
void add_mounts(std::string_view relation, std::string_view path, BundlePlan& plan);

}  // namespace kindred::nosh
