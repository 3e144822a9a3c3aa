#pragma once
// File systems to be mounted, and swap, as bundles. Source: interfaces/nosh-system.md section 9.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compat-nosh/import/bundle_plan.h"

namespace kindred::nosh {

struct MountEntry {
  std::string device, directory, type;
  std::vector<std::string> options;
  bool checked = false;  ///< by fsck before

  [[nodiscard]] bool is_swap() const { return type == "swap"; }
  [[nodiscard]] bool has_option(std::string_view option) const;
};

/// fstab(5): lines without its first four fields are passed over.
[[nodiscard]] std::vector<MountEntry> parse_fstab(std::string_view text);
/// Parts between commas.
[[nodiscard]] std::vector<std::string> split_options(std::string_view text);

struct MountImportOptions {
  std::string program;  ///< that the scripts are said to be from
  bool etc_bundle = false;
};

/// The bundles of one entry, in the order in which they are made.
[[nodiscard]] std::vector<BundlePlan> plan_mount(const MountEntry& entry, const MountImportOptions& options);

}  // namespace kindred::nosh
