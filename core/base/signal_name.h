#pragma once
// Signals by name, as the family writes them in files, arguments and status lines.

#include <string_view>

namespace kindred {

/// "TERM", "USR1" …; "???" for a number that has no name. Of two names of one number: ABRT, CHLD, POLL.
[[nodiscard]] const char* signal_name(int signal);

/// A name with or without SIG, in any case, or a decimal number that a signal has. 0 for anything else.
[[nodiscard]] int parse_signal(std::string_view text);

}  // namespace kindred
