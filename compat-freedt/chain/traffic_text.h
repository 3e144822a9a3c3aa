#pragma once
/// How recordio shows what passes: each packet at once, a line on standard error for each of its lines.
///
///   PID < DATA      a line of input, which ended: a blank stands for its newline
///   PID > DATA+     output that did not end with a newline
///   PID < [EOF]     the end of input or output
///
/// Source: interfaces/freedt.md section 6.3.

#include <sys/types.h>

#include <string>
#include <string_view>

namespace kindred::freedt {

enum class Direction : char { In = '<', Out = '>' };

/// `bytes`: what was read at once; empty for the end.
[[nodiscard]] std::string traffic_text(pid_t pid, Direction direction, std::string_view bytes);

}  // namespace kindred::freedt
