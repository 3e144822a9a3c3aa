#pragma once
// The words of perp's chain tools. Source: interfaces/perp.md section 13.

#include "core/chain/tool.h"

namespace kindred::perp {

[[nodiscard]] ChainRequest parse_runargs(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_runargv0(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_runchoom(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_rundetach(int argc, char** argv, const Environment& environment);
/// Words alone: what there is to do, its main() does.
[[nodiscard]] ChainRequest parse_rundeux(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_runtrap(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_runenv(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_runfile(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_runlimit(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_runlock(int argc, char** argv, const Environment& environment);
/// An empty number is wrong usage: to the original it is 0, and it waits for ever.
[[nodiscard]] ChainRequest parse_runpause(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_runsession(int argc, char** argv, const Environment& environment);
/// The steps come in runtool's order, whatever the order of the options; of an option given twice the last counts.
[[nodiscard]] ChainRequest parse_runtool(int argc, char** argv, const Environment& environment);
[[nodiscard]] ChainRequest parse_runuid(int argc, char** argv, const Environment& environment);

/// Lines `RLIMIT_NAME=NUMBER` of a file. Errors: EPROTO for what is no such line, EINVAL for a value that is none.
[[nodiscard]] Result<std::vector<SoftLimit>> parse_limit_lines(std::string_view text);

}  // namespace kindred::perp
