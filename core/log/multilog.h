#pragma once
// multilog, which two families have: its script language, its rules and its words.
// Source: interfaces/daemontools.md section 8, interfaces/encore.md section 11.

#include <span>

#include "core/log/log_script.h"

namespace kindred {

/// What the families' multilogs do not have in common.
struct MultilogDialect {
  std::uint64_t largest = 16777215;  ///< the upper bound of sSIZE
  bool seconds_stamp = false;        ///< T as the first word
  bool globs = false;                ///< F and S
  bool suffixes = false;             ///< w
};

///   t, T    first word only: stamp       +PATTERN -PATTERN  select, deselect
///   e       to standard error            =FILE              to a status file
///   sSIZE nNUM !COMMAND wCODE F S        for what follows
///   .PATH /PATH                          to a log directory
/// Total: what is not one of these is ignored, as the originals do. An absent number is 0.
[[nodiscard]] LogScript parse_multilog(std::span<char* const> words, const MultilogDialect& dialect);

[[nodiscard]] int run_multilog(int argc, char** argv, const MultilogDialect& dialect);

}  // namespace kindred
