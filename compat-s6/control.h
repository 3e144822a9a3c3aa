#pragma once
/// s6's control bytes: one letter is one command.
///
///   u d o    want up, down (down signal, CONT), once      p c  STOP, CONT
///   U D      as u and d, and the file `down` goes or comes
///   O Q      not wanted up, without a signal; Q makes `down` besides
///   r        the down signal, want unchanged              x    leave when down
///   a b q h k t i 1 2 y   ALRM ABRT QUIT HUP KILL TERM INT USR1 USR2 WINCH, to the process only
///   P C K    STOP, CONT, KILL to the process group: releases from 2.13 on
///   l        the reload signal: releases from 2.15.1 on
///
/// These four are read, for such a client, and never made from another family's command, since an earlier
/// supervisor would drop them without a word.
///
/// Anything else is dropped. Source: interfaces/s6.md section 6.

#include "core/dialect/dialect.h"

namespace kindred::s6 {

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode& mode);
ControlBytes encode_control(const ControlCommand& command);

inline constexpr ControlCodec kControlCodec{.decode = decode_control, .encode = encode_control};

}  // namespace kindred::s6
