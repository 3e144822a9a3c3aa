#pragma once
// Where bundles are found by name. Source: interfaces/nosh.md section 14.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::nosh {

/// Directories and names in them that `name` may be, in the order in which they are tried. With a slash it is
/// a path; a suffix (.target, .service, .socket, .timer) says what kind it is.
[[nodiscard]] std::vector<std::string> bundle_candidates(std::string_view name, bool per_user);

/// What a bundle was found as.
enum class BundleKind : std::uint8_t { ByPath, Target, Service };
/// Of `path`, which was found for `name`. Pure.
[[nodiscard]] BundleKind bundle_kind(std::string_view name, std::string_view path);

/// The first candidate that is a directory.
[[nodiscard]] std::optional<std::string> find_bundle(std::string_view name, bool per_user);

}  // namespace kindred::nosh
