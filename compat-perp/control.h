#pragma once
/// perp's commands: a character, and flags beside it.
///
///   u d o    want up, down (TERM and CONT), once         p c  STOP, CONT
///   t        TERM
///   a h i k q w 1 2  ALRM HUP INT KILL QUIT WINCH USR1 USR2
///   D U      d for main and then the log; u for the log and then main; with kForLog nothing
///
/// Source: interfaces/perp.md section 7.7.

#include <optional>

#include "core/dialect/dialect.h"

namespace kindred::perp {

inline constexpr std::uint8_t kForLog = 0x01, kToGroup = 0x02;

/// What a packet's command means, in order; nullopt: no command of the family.
using CommandPair = FixedVector<ControlCommand, 2>;
[[nodiscard]] std::optional<CommandPair> decode_command(char command, std::uint8_t flags);

struct Spelling {
  char command = 0;
  std::uint8_t flags = 0;
  friend bool operator==(const Spelling&, const Spelling&) = default;
};
/// nullopt: the family cannot express it.
[[nodiscard]] std::optional<Spelling> encode_command(const ControlCommand& command);

// The letters alone, as other families stream them.
std::optional<ControlCommand> decode_control(std::uint8_t byte, ControlMode& mode);
ControlBytes encode_control(const ControlCommand& command);

inline constexpr ControlCodec kControlCodec{.decode = decode_control, .encode = encode_control};

}  // namespace kindred::perp
