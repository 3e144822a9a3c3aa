#pragma once
/// daemontools' control bytes: one letter is one command.
///
///   u d o  want up, down (TERM, CONT), once      p c  STOP, CONT       x  leave when down
///   h a i t k  HUP ALRM INT TERM KILL, to the process only
///
/// Source: interfaces/daemontools.md section 4. Anything else is dropped.

#include "core/dialect/dialect.h"

namespace kindred::daemontools {

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode& mode);
ControlBytes encode_control(const ControlCommand& command);

inline constexpr ControlCodec kControlCodec{.decode = decode_control, .encode = encode_control};

}  // namespace kindred::daemontools
