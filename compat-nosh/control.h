#pragma once
/// nosh's control bytes: one letter is one command.
///
///   u d _    want up, down (TERM, CONT), down without a signal       o O  once, once at most
///   p c      STOP, CONT                                              x    unload when stopped
///   h a i t k q 1 2 w z  HUP ALRM INT TERM KILL QUIT USR1 USR2 WINCH TSTP to all processes of the service
///   H T K    HUP TERM KILL to the main process only
///
/// On Linux all processes of a service are the one that was forked, so h and H, t and T, k and K are the
/// same. Source: interfaces/nosh.md section 5. Anything else is dropped.

#include "core/dialect/dialect.h"

namespace kindred::nosh {

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode& mode);
ControlBytes encode_control(const ControlCommand& command);

inline constexpr ControlCodec kControlCodec{.decode = decode_control, .encode = encode_control};

}  // namespace kindred::nosh
