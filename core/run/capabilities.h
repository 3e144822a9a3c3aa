#pragma once
// The kernel's capabilities, as sets. Source: capabilities(7), systemd.exec(5) "CapabilityBoundingSet=".

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/result.h"

namespace kindred {

/// A bit each, by the kernel's numbers.
using CapabilitySet = std::uint64_t;
inline constexpr CapabilitySet kAllCapabilities = ~CapabilitySet{0};

/// CAP_NET_BIND_SERVICE and its like, in any case; nullopt: there is none of the name.
[[nodiscard]] std::optional<CapabilitySet> capability_named(std::string_view name);

/// Names with blanks between; with "~" in front all but these. Added to what was said before (nullopt: nothing), or
/// taken from it; "" is the empty set. nullopt: a name that there is not.
[[nodiscard]] std::optional<CapabilitySet> change_capabilities(std::optional<CapabilitySet> before,
                                                               std::string_view text);

/// No program of this process, or of its children, has any other capability again.
/// Errors: operation "drop", object the number, where the kernel refuses.
[[nodiscard]] Status bound_capabilities(CapabilitySet kept);

/// Asks that becoming another user keeps what raise_capabilities() then is to raise.
[[nodiscard]] Status keep_capabilities();
/// Programs that this process becomes have them, whoever it is, and no others from here.
[[nodiscard]] Status raise_capabilities(CapabilitySet raised);

}  // namespace kindred
