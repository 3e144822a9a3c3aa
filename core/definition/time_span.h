#pragma once
// Spans of time as units have them: "5", "1min 30s", "100ms". Source: systemd.time(7).

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kindred {

/// A number without a unit is seconds. nullopt for what is no span, "infinity" too, and for one beyond a hundred years.
[[nodiscard]] std::optional<std::chrono::microseconds> parse_time_span(std::string_view text);

/// In seconds, with as many decimals as it takes: "90", "0.1".
[[nodiscard]] std::string seconds_text(std::chrono::microseconds span);

}  // namespace kindred
