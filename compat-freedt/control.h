#pragma once
/// The control bytes of kindred's freedt: daemontools' letters, and `!` for svc's -X.
///
///   u d o  want up, down (TERM, CONT), once      p c  STOP, CONT
///   x      leave when down                       !    leave at once
///   h a i t k  HUP ALRM INT TERM KILL, to the process only
///
/// The bytes of freedt's own programs are not known to anybody; no family has a use for `!`.
/// Source: interfaces/freedt.md section 6.2. Anything else is dropped.

#include "core/dialect/dialect.h"

namespace kindred::freedt {

inline constexpr char kQuit = '!';

std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode& mode);
ControlBytes encode_control(const ControlCommand& command);

inline constexpr ControlCodec kControlCodec{.decode = decode_control, .encode = encode_control};

}  // namespace kindred::freedt
