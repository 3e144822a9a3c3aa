#pragma once
// The words of s6's chain tools. Source: interfaces/s6.md sections 13 and 13.1.

#include "core/chain/tool.h"

namespace kindred::s6 {

[[nodiscard]] ChainRequest parse_envdir(int argc, char** argv, const Environment& environment);
/// "USER:GROUP" where one half is missing is wrong usage: the original takes an undefined number.
[[nodiscard]] ChainRequest parse_envuidgid(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_applyuidgid(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setuidgid(int argc, char** argv, const Environment& environment);
/// Options that it does not know are passed over, as the original does.
[[nodiscard]] ChainRequest parse_softlimit(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setsid(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_setlock(int argc, char** argv, const Environment& environment);

/// Words alone: its main() does what there is to do.
[[nodiscard]] ChainRequest parse_ucspilogd(int argc, char** argv, const Environment& environment);

int fghack_main(int argc, char** argv);
int ucspilogd_main(int argc, char** argv);

/// A line of a syslog client with its number in words; `words` come before it. Pure.
[[nodiscard]] std::string syslog_line(std::string_view line, std::string_view words);

}  // namespace kindred::s6
