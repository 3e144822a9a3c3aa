#pragma once
// What this family's command lines share. Source: interfaces/s6.md section 1.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace kindred::s6 {

inline constexpr int kExitTimeout = 99;

/// "PROG: usage: TEXT" on standard error; returns 100.
int usage(std::string_view program, std::string_view text);

/// "PROG: fatal: unable to OPERATION OBJECT: REASON", the reason in the C library's words.
int die(std::string_view program, const Error& error, int code = 111);

/// What is said of a service or a scanner whose control FIFO, in PATH/BELOW, cannot be opened. Returns 100
/// where nobody listens or something else is in its place, otherwise 111: the caller may not, above all.
int cannot_control(std::string_view program, std::string_view path, std::string_view below, int error);

/// Says what a wait that did not end well ended with; returns `code`, which counts the services that failed.
int end_of_wait(std::string_view program, int code);

/// All digits.
[[nodiscard]] std::optional<std::uint32_t> parse_number(std::string_view text);

/// A time limit in milliseconds, from now on; 0: none.
[[nodiscard]] Instant deadline_after(std::uint32_t milliseconds);

/// How long poll(2) is to wait.
[[nodiscard]] int poll_time(Instant deadline);

/// The descriptor on which the supervisor of the working directory hears of readiness: the given one, or the one that
/// ./notification-fd names. nullopt if there is none, or it is not open.
[[nodiscard]] std::optional<int> notification_descriptor(std::optional<std::uint32_t> given);

/// An execline block at the front of `words`: each word with one leading blank, which may be left out, up to
/// an empty one. Takes it off the front; nullopt if it has no end.
[[nodiscard]] std::optional<std::vector<const char*>> take_block(std::span<char* const>& words);

/// Starts a program that is looked up in PATH, with our descriptors and no signal blocked. Errors:
/// posix_spawn's.
[[nodiscard]] Status start(std::span<char* const> words);

/// Replaces this process. Returns only if that fails: 127 for a program that is not there, else 126, said.
int exec_into(std::string_view program, std::span<char* const> words);

}  // namespace kindred::s6
