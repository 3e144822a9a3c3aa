#pragma once
/// The packets of perpd.sock, in both directions. One connection carries request and reply by turns.
///
///   offset size field
///        0    1 protocol  2
///        1    1 type      'Q' query, 'C' control, 'Y' reserved; replies: 'S' status, 'E' error
///        2    1 N         length of the payload
///        3    N payload
///
/// Query (16) and control (18): st_dev and st_ino of the service directory, 8 bytes each, little-endian; then
/// the command's character and its flags: 0x01 the log, 0x02 the process group.
/// Error (4): errno, little-endian; 0 is success.
///
/// Status (66):
///   offset size field      encoding
///        0    4 supervisor pid of perpd, little-endian
///        4   12 since      TAI64N (UNIX + 10), big-endian: perpd's start
///       16   12 activated  TAI64N
///       28    1 flags      0x01 active, 0x02 has a log, 0x04 being deactivated, 0x08 to be activated anew,
///                          0x10 began with flag.down, 0x20 with flag.once
///       30   18 main       a half: pid (4, little-endian; 0 no process), TAI64N of the latest fork (zero:
///                          never), flags, 0
///       48   18 log        a half; zero without a log
/// Flags of a half: 0x01 it is the log, 0x02 reset (runs, or ran last), 0x04 once, 0x08 paused, 0x10 want
/// down, 0x20 cannot fork.
///
/// Lossy: both forks of a half share one stamp, so a half that has come to rest shows the start of its reset.
/// Waiting for the throttle is no process, wanted up (the original shows the sleeping child).
/// Source: interfaces/perp.md section 7.

#include <optional>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/fixed_vector.h"
#include "core/dialect/dialect.h"

namespace kindred::perp {

inline constexpr std::uint8_t kProtocol = 2;
inline constexpr std::size_t kHeaderSize = 3;
inline constexpr std::size_t kMaxPacket = kHeaderSize + 255;
inline constexpr std::size_t kStatusSize = 66;

enum class PacketType : std::uint8_t {
  Query = 'Q',
  Control = 'C',
  Yank = 'Y',
  Status = 'S',
  Error = 'E',
};

struct Packet {
  std::uint8_t protocol = kProtocol;
  std::uint8_t type = 0;
  ByteView payload;
};
using PacketBytes = FixedVector<std::uint8_t, kHeaderSize + kStatusSize>;

/// How many bytes the packet has at whose beginning `received` stands; nullopt: too few to tell.
[[nodiscard]] std::optional<std::size_t> packet_size(ByteView received);
/// nullopt: it is not whole yet. What follows it is left alone.
[[nodiscard]] std::optional<Packet> first_packet(ByteView received);

// --- requests ---

struct Query {
  DirectoryId service;
  friend bool operator==(const Query&, const Query&) = default;
};
struct Control {
  DirectoryId service;
  char command = 0;
  std::uint8_t flags = 0;
  friend bool operator==(const Control&, const Control&) = default;
};
/// "pidyank": reserved by the family, and supported by nobody.
struct Yank {
  friend bool operator==(const Yank&, const Yank&) = default;
};
using PacketRequest = std::variant<Query, Control, Yank>;

[[nodiscard]] PacketBytes encode_request(const PacketRequest& request);
/// nullopt: another protocol, no request, or not as long as its type asks.
[[nodiscard]] std::optional<PacketRequest> decode_request(const Packet& packet);

// --- replies ---

/// All that a status reply tells. Whether there is a log, and whether the service is being deactivated (its
/// main is exiting), is the snapshot's to say. A stamp of WallTime{} is none.
struct ServiceStatus {
  std::uint32_t supervisor = 0;
  WallTime supervisor_since;
  WallTime activated;
  bool active = false;
  bool reactivating = false;
  bool flag_down = false, flag_once = false;
  GroupSnapshot snapshot;
  friend bool operator==(const ServiceStatus&, const ServiceStatus&) = default;

  [[nodiscard]] bool deactivating() const { return snapshot.main.exiting; }
};
struct ErrorReply {
  std::int32_t code = 0;
  friend bool operator==(const ErrorReply&, const ErrorReply&) = default;
};
using PacketReply = std::variant<ServiceStatus, ErrorReply>;

[[nodiscard]] PacketBytes encode_reply(const PacketReply& reply);
/// nullopt: another protocol, no reply, or not as long as its type asks.
[[nodiscard]] std::optional<PacketReply> decode_reply(const Packet& packet);

/// When the latest process of a half was made, or WallTime{}.
[[nodiscard]] WallTime latest_fork(const StatusRecord& half);
/// The half's reset script runs, or was the last to run.
[[nodiscard]] bool in_reset(const StatusRecord& half);

/// The status payload as a record: what a reader of files would be given. There is no such file.
[[nodiscard]] std::optional<DecodedStatus> decode_status(ByteView payload);

/// How other families' clients speak at perpd's socket.
extern const DoorCodec kDoor;

inline constexpr StatusCodec kStatusCodec{.files = {}, .record = nullptr, .decode = decode_status};

}  // namespace kindred::perp
