#pragma once
/// How a program's input and output are shown: each packet at once, a line on standard error for each of its lines.
///
///   WHOSE < DATA      a line of input, which ended: a blank stands for its newline
///   WHOSE > DATA+     output that did not end with a newline
///   WHOSE < [EOF]     the end of input or output
///
/// Source: interfaces/freedt.md section 6.3, interfaces/nosh-system.md section 4.4.

#include <string>
#include <string_view>

namespace kindred {

enum class Direction : char { In = '<', Out = '>' };

/// `bytes`: what was read at once; empty for the end.
[[nodiscard]] std::string traffic_text(std::string_view whose, Direction direction, std::string_view bytes);

}  // namespace kindred
