#pragma once
/// encore's control bytes: one letter is one command, to the process that the modifiers before it name.
///
///   l L      what follows is for the main process (at first), for the log
///   + =      signals go to the process group, to the process (at first)
///   u d o    want up, down (TERM, CONT), once      p c  STOP, CONT      x  leave when down
///   a h i k t q 1 2 w  ALRM HUP INT KILL TERM QUIT USR1 USR2 WINCH
///
/// `x` is for the supervisor, whichever process was named. Anything else is dropped.
///
/// The family's svc begins every message with `l`, so `l` is taken for a beginning: it resets `+` too, which
/// the original leaves on for the next writer. What encode() writes ends as it would wish to find it.
/// Source: interfaces/encore.md section 4, and section 14 at 3.

#include "core/dialect/dialect.h"

namespace kindred::encore {

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode& mode);
ControlBytes encode_control(const ControlCommand& command);

inline constexpr ControlCodec kControlCodec{.decode = decode_control, .encode = encode_control};

}  // namespace kindred::encore
