#pragma once
/// daemontools' control bytes: one letter is one command.
///
///   u d o  want up, down (TERM, CONT), once      p c  STOP, CONT       x  leave when down
///   h a i t k  HUP ALRM INT TERM KILL, to the process only
///
/// Source: interfaces/daemontools.md section 4. Anything else is dropped.

#include "core/dialect/supervise_parts.h"

namespace kindred::daemontools {

inline constexpr ControlCodec kControlCodec = kSuperviseControl;

}  // namespace kindred::daemontools
