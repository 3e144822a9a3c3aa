#pragma once
// What perp's clients share before they look at a service: messages, numbers, the base directory.
// Source: interfaces/perp.md section 1.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "compat-perp/control_directory.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/cli/options.h"

namespace kindred::perp {

/// A program's name and how it is called.
struct Usage {
  std::string_view program;
  std::string_view synopsis;
};

/// The usage line; returns 0, for -h.
int print_usage(const Usage& usage);
/// "version: PROG …"; returns 0.
int print_version(const Usage& usage);
/// "PROG usage error: TEXT", if there is one, and the usage line; returns 100.
int usage_error(const Usage& usage, std::string_view text = {});
/// What means the same to every program: -h, -V, and what is no option of its. The exit code; nullopt for an
/// option of the program's own. `options` keeps its complaints.
[[nodiscard]] std::optional<int> answer_option(const Usage& usage, char letter, const Options& options);
/// "PROG fatal: TEXT: WORDS (ENAME)"; returns 111. Without a code nothing follows the text.
int fatal_error(const Usage& usage, std::string_view text, int code = 0);

/// … for a directory in which the program was to work.
int not_entered(const Usage& usage, std::string_view directory, const Error& error);

/// "EPROTO"; the family has EOK for 0.
[[nodiscard]] std::string errno_name(int code);
/// "protocol error (EPROTO)".
[[nodiscard]] std::string reason(int code);
/// The same, until the next call.
[[nodiscard]] const char* reason_text(int code) noexcept;

/// Decimal digits and nothing else, up to 4294967295; no digits are 0.
[[nodiscard]] std::optional<std::uint32_t> parse_number(std::string_view text);

/// `given` (from an option or operand, null: none), else PERP_BASE if it is not empty, else `otherwise`.
[[nodiscard]] std::string base_directory(const char* given, const char* otherwise = ".");

/// The same for programs that take an empty PERP_BASE as it is: a directory that cannot be entered.
[[nodiscard]] std::string base_as_set(const char* given, const char* otherwise = ".");

/// The same for programs whose only operand it may be, and to whom an empty one is none.
[[nodiscard]] std::string base_operand(std::span<char* const> operands);

/// How far the two are apart, in whole seconds, rounded to the nearest.
[[nodiscard]] std::uint64_t seconds_between(WallTime since, WallTime now);

/// Sends `signal` to the perpd that holds the lock of the base in whose directory `base` is open. Errors: 0
/// as code where nobody holds it.
[[nodiscard]] Status signal_supervisor(int base, int signal);

/// fatal_error() for what signal_supervisor() said of that base; returns 111.
int signal_error(const Usage& usage, const std::string& base, const Error& error);

inline constexpr const char* kDefaultBase = "/etc/perp";

}  // namespace kindred::perp
