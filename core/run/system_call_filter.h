#pragma once
// Which system calls a program may make. Source: systemd.exec(5) "SystemCallFilter=", seccomp(2).

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kindred {

struct SystemCallFilter {
  bool allows = false;  ///< `calls` and no others; else all but them
  std::set<int> calls = {};
  std::optional<int> error = std::nullopt;  ///< what others get; nullopt: they end the process
  friend bool operator==(const SystemCallFilter&, const SystemCallFilter&) = default;
};

/// The number on this machine; nullopt: it has no such call.
[[nodiscard]] std::optional<int> system_call_named(std::string_view name);
/// "@mount" and its like; empty: there is no set of the name.
[[nodiscard]] std::vector<std::string_view> system_call_set(std::string_view name);

/// One more value of the setting: names and sets with blanks between; with "~" in front of all, those that are not
/// allowed. The first value decides which of both the filter is. A call that this machine does not have is nothing.
/// Errors: code 0: operation: what is no name.
[[nodiscard]] Result<SystemCallFilter> change_filter(std::optional<SystemCallFilter> before,
                                                     std::string_view text);

/// "EPERM", or a number; nullopt: it is none.
[[nodiscard]] std::optional<int> parse_error_number(std::string_view text);

/// Pure: the filter as the kernel runs it.
[[nodiscard]] std::vector<sock_filter> filter_program(const SystemCallFilter& filter);
/// From here on. Errors: the kernel's; EACCES without privilege, unless new privileges are forbidden.
[[nodiscard]] Status install_filter(const SystemCallFilter& filter);

[[nodiscard]] Status forbid_new_privileges();

}  // namespace kindred
