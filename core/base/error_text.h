#pragma once
// The error phrases of the daemontools line of the family (daemontools, encore, runit): its own table, not
// libc's. Source: interfaces/daemontools.md section 11, interfaces/runit.md section 1.3.

namespace kindred {

/// A static phrase: "file does not exist", "temporary failure" …; "unknown error" for what the table lacks.
/// Callable between vfork and exec.
[[nodiscard]] const char* error_text(int code) noexcept;

/// The C library's phrase, which the other families use: "No such file or directory". Static, never
/// translated; callable between vfork and exec.
[[nodiscard]] const char* system_error_text(int code) noexcept;

/// One of these.
using ErrorText = const char* (*)(int code) noexcept;

}  // namespace kindred
