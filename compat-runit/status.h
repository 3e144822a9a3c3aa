#pragma once
/// runit's supervise/status: 20 bytes, written to status.new and renamed, after pid and stat.
///
///   offset size field   encoding
///        0   12 since   TAI64N label (UNIX + 10), big-endian: the start of run, kept through
///                       finish; when down, the moment it went down
///       12    4 pid     little-endian; 0 when there is no process
///       16    1 paused  1 after `p`
///       17    1 want    'u' up; 'd' down, once or exit
///       18    1 term    1 when this process has been sent TERM
///       19    1 state   0 down, 1 run, 2 finish
///
/// supervise/stat is one line: `down`, `run` or `finish`, then `, paused`, `, got TERM`, and unless
/// down `, want down` or `, want exit`. supervise/pid is the pid and a newline, or empty.
///
/// Lossy: three intents share 'd'; decode() gives Want::Down for each.
/// The paired log service has a record of its own, in log/supervise.
/// Source: interfaces/runit.md section 3.
/// Errors: decode() refuses fewer than 20 bytes (sv does too). A state above 2 is no error, since sv
/// prints such records: it decodes to no known phase.

#include <string_view>

#include "core/dialect/dialect.h"

namespace kindred::runit {

/// What runit distinguishes, with the numbers of the record.
enum class State : std::uint8_t { Down, Run, Finish };
[[nodiscard]] State state_of(Phase phase);
/// "down", "run", "finish": in `stat`, and what sv begins with.
[[nodiscard]] std::string_view state_word(State state);

inline constexpr std::size_t kStatusSize = 20;

std::size_t encode_status(const GroupSnapshot& snapshot, Role role, ByteSpan out);
std::size_t encode_stat(const GroupSnapshot& snapshot, Role role, ByteSpan out);
std::size_t encode_pid(const GroupSnapshot& snapshot, Role role, ByteSpan out);
std::optional<DecodedStatus> decode_status(ByteView in);

inline constexpr StatusCodec kStatusCodec{
    .files = {{.name = "pid", .encode = encode_pid},
              {.name = "stat", .encode = encode_stat},
              {.name = "status", .encode = encode_status}},
    .record = "status",
    .decode = decode_status,
};

}  // namespace kindred::runit
