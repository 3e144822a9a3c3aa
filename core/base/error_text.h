#pragma once
// The error phrases of the daemontools line of the family (daemontools, encore, runit): its own table, not
// libc's. Source: interfaces/daemontools.md section 11, interfaces/runit.md section 1.3.

namespace kindred {

/// A static phrase: "file does not exist", "temporary failure" …; "unknown error" for what the table lacks.
/// Callable between vfork and exec.
[[nodiscard]] const char* error_text(int code) noexcept;

}  // namespace kindred
