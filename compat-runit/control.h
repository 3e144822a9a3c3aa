#pragma once
/// runit's control bytes: one letter is one command.
///
///   u d o x  want up, down, once (down with one start), exit      p c  STOP, CONT
///   t        the stop sequence, want unchanged
///   h a i q 1 2 k  HUP ALRM INT QUIT USR1 USR2 KILL
///
/// Each letter but u's start may be taken over by the script control/LETTER. Anything else, `e` too, is
/// dropped. Source: interfaces/runit.md section 4.

#include "core/dialect/dialect.h"

namespace kindred::runit {

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode& mode);
ControlBytes encode_control(const ControlCommand& command);

inline constexpr ControlCodec kControlCodec{.decode = decode_control, .encode = encode_control};

}  // namespace kindred::runit
