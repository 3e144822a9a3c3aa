#pragma once
// The end of a service's log, with local time. Source: interfaces/nosh.md sections 11 and 18.

#include <cstddef>
#include <string>
#include <string_view>

namespace kindred::nosh {

/// The last `lines` lines of `bundle`/log/main/current; empty if there is no such log.
[[nodiscard]] std::string log_tail(int bundle, std::size_t lines);

/// The last `count` lines of `text`, each with its newline.
[[nodiscard]] std::string_view last_lines(std::string_view text, std::size_t count);

/// A TAI64N label at the beginning of `line` as local time; anything else as it is.
[[nodiscard]] std::string with_local_time(std::string_view line);

}  // namespace kindred::nosh
