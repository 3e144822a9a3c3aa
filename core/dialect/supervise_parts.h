#pragma once
// Parts of a dialect that several families have alike: what the program `supervise` has understood, written
// and said since it was new. A family takes the parts that it left as they were.

#include "core/dialect/dialect.h"
#include "core/dialect/letters.h"
#include "core/dialect/supervise_record.h"

namespace kindred {

/// The letters that all its descendants read.
///
///   u d o  want up, down, once      p c  STOP, CONT      x  leave when down
///   h a i t k  HUP ALRM INT TERM KILL
inline constexpr Letter kSuperviseLetters[] = {
    {'u', Verb::Up, 0},           {'d', Verb::Down, 0},         {'o', Verb::Once, 0},
    {'x', Verb::Exit, 0},         {'p', Verb::Pause, 0},        {'c', Verb::Continue, 0},
    {'h', Verb::Signal, SIGHUP},  {'a', Verb::Signal, SIGALRM}, {'i', Verb::Signal, SIGINT},
    {'t', Verb::Signal, SIGTERM}, {'k', Verb::Signal, SIGKILL},
};

/// These letters alone, each a command to main's process only.
[[nodiscard]] std::optional<ControlCommand> decode_supervise_letter(std::uint8_t byte, ControlMode& mode);
[[nodiscard]] ControlBytes encode_supervise_letter(const ControlCommand& command);
inline constexpr ControlCodec kSuperviseControl{.decode = decode_supervise_letter,
                                                .encode = encode_supervise_letter};

/// `status` is the 18-byte record (supervise_record.h).
inline constexpr StatusCodec kSuperviseStatus{
    .files = {{.name = "status", .encode = encode_supervise_record}},
    .record = "status",
    .decode = decode_supervise_record,
};

/// How sure such a directory is of itself: lock, FIFOs, the record's 18 bytes, and nothing that a relative
/// puts beside them.
[[nodiscard]] int recognise_supervise(const Evidence& evidence);

/// Its scanner looks after services only; the log of one is another.
inline constexpr ScanRules kSvscanRules{.scanner = "svscan",
                                        .usual = {"/service", "/etc/service"},
                                        .warning = "svscan: warning: unable to {what}: {why}",
                                        .pairing = LogPairing::SeparateServices};

inline constexpr Wording kSuperviseWording{
    .fatal = "supervise: fatal: unable to {operation} {path}: {why}",
    .warning = "supervise: warning: unable to {operation} {path}: {why}",
    .locked = "supervise: fatal: unable to acquire {path}: {why}",
    .start_failed = "supervise: fatal: unable to start {name}/{script}: ",
    .not_lockable = "supervise: fatal: unable to acquire {path}: {why}"};

}  // namespace kindred
