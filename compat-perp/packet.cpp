#include "compat-perp/packet.h"

#include <algorithm>
#include <cerrno>

#include "core/base/tai64n.h"

namespace kindred::perp {
namespace {

constexpr std::size_t kQuerySize = 16, kControlSize = 18, kErrorSize = 4;

// Requests.
constexpr std::size_t kDevice = 0, kInode = 8, kCommand = 16, kCommandFlags = 17;
// Status.
constexpr std::size_t kSupervisor = 0, kSince = 4, kActivated = 16, kFlags = 28, kMain = 30, kLog = 48;
constexpr std::size_t kHalfSize = 18;
// Within a half.
constexpr std::size_t kPid = 0, kForked = 4, kHalfFlags = 16;

enum Definition : std::uint8_t {
  kActive = 0x01,
  kHasLog = 0x02,
  kDeactivating = 0x04,
  kReactivating = 0x08,
  kFlagDown = 0x10,
  kFlagOnce = 0x20,
};
enum Half : std::uint8_t {
  kIsLog = 0x01,
  kReset = 0x02,
  kOnce = 0x04,
  kPaused = 0x08,
  kWantDown = 0x10,
  kFailing = 0x20,
};

void put_stamp(ByteSpan out, std::size_t offset, WallTime at) {
  if (at != WallTime{}) put_tai64n(out, offset, at, TaiOffset::Constant10);
}

WallTime get_stamp(ByteView in, std::size_t offset) {
  bool any = false;
  for (std::size_t i = 0; i < kTai64nSize; ++i) any = any || in[offset + i] != 0;
  return any ? get_tai64n(in, offset, TaiOffset::Constant10) : WallTime{};
}

DirectoryId get_id(ByteView in) { return {get_le<8>(in, kDevice), get_le<8>(in, kInode)}; }

void put_id(ByteSpan out, const DirectoryId& id) {
  put_le<8>(out, kDevice, id.device);
  put_le<8>(out, kInode, id.inode);
}

bool rests(Phase phase) {
  return phase != Phase::Waiting && phase != Phase::Starting && phase != Phase::Running &&
         phase != Phase::Finishing;
}

/// One that is wanted once, and rests, has had its run. In a reset that was asked for meanwhile.
bool wants_down(const StatusRecord& r) {
  return r.exiting || r.want == Want::Down || (r.want == Want::Once && rests(r.phase));
}

void put_half(ByteSpan out, const StatusRecord& r, Role role, bool deactivating) {
  put_le<4>(out, kPid, static_cast<std::uint32_t>(r.pid));
  put_stamp(out, kForked, latest_fork(r));
  unsigned flags = role == Role::Log ? kIsLog : 0;
  if (in_reset(r)) flags |= kReset;
  if (r.once || r.want == Want::Once) flags |= kOnce;
  if (r.paused) flags |= kPaused;
  if (deactivating || wants_down(r)) flags |= kWantDown;
  out[kHalfFlags] = static_cast<std::uint8_t>(flags);
}

StatusRecord get_half(ByteView in) {
  StatusRecord r;
  const unsigned flags = in[kHalfFlags];
  const WallTime forked = get_stamp(in, kForked);
  r.pid = static_cast<std::int32_t>(get_le<4>(in, kPid));
  r.once = (flags & kOnce) != 0;
  r.paused = (flags & kPaused) != 0;
  r.want = (flags & kWantDown) != 0 ? Want::Down : r.once ? Want::Once : Want::Up;
  r.pid_changed = forked;
  const bool reset = (flags & kReset) != 0;
  if (reset)
    r.run_ended = forked;
  else
    r.run_started = forked;
  if (r.pid != 0) {
    r.phase = reset ? Phase::Finishing : Phase::Running;
  } else {
    r.phase = r.want == Want::Down ? Phase::Stopped : Phase::Waiting;
    r.down_since = forked;
  }
  return r;
}

ByteSpan begin_packet(PacketBytes& bytes, PacketType type, std::size_t size) {
  bytes.push_back(kProtocol);
  bytes.push_back(static_cast<std::uint8_t>(type));
  bytes.push_back(static_cast<std::uint8_t>(size));
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(0);
  return ByteSpan(bytes.begin(), bytes.size()).subspan(kHeaderSize);
}

std::size_t put(const PacketBytes& packet, ByteSpan out) {
  std::copy(packet.begin(), packet.end(), out.begin());
  return packet.size();
}

void put_status(ByteSpan out, const ServiceStatus& status) {
  const GroupSnapshot& group = status.snapshot;
  put_le<4>(out, kSupervisor, status.supervisor);
  put_stamp(out, kSince, status.supervisor_since);
  put_stamp(out, kActivated, status.activated);
  unsigned flags = 0;
  if (status.active) flags |= kActive;
  if (group.log) flags |= kHasLog;
  if (status.deactivating()) flags |= kDeactivating;
  if (status.reactivating) flags |= kReactivating;
  if (status.flag_down) flags |= kFlagDown;
  if (status.flag_once) flags |= kFlagOnce;
  out[kFlags] = static_cast<std::uint8_t>(flags);
  put_half(out.subspan(kMain, kHalfSize), group.main, Role::Main, status.deactivating());
  if (group.log) put_half(out.subspan(kLog, kHalfSize), *group.log, Role::Log, status.deactivating());
}

ServiceStatus get_status(ByteView in) {
  ServiceStatus status;
  const unsigned flags = in[kFlags];
  status.supervisor = static_cast<std::uint32_t>(get_le<4>(in, kSupervisor));
  status.supervisor_since = get_stamp(in, kSince);
  status.activated = get_stamp(in, kActivated);
  status.active = (flags & kActive) != 0;
  status.reactivating = (flags & kReactivating) != 0;
  status.flag_down = (flags & kFlagDown) != 0;
  status.flag_once = (flags & kFlagOnce) != 0;
  status.snapshot.main = get_half(in.subspan(kMain, kHalfSize));
  status.snapshot.main.exiting = (flags & kDeactivating) != 0;
  if ((flags & kHasLog) != 0) status.snapshot.log = get_half(in.subspan(kLog, kHalfSize));
  return status;
}

}  // namespace

std::optional<std::size_t> packet_size(ByteView received) {
  if (received.size() < kHeaderSize) return std::nullopt;
  return kHeaderSize + received[2];
}

std::optional<Packet> first_packet(ByteView received) {
  const std::optional<std::size_t> size = packet_size(received);
  if (!size || received.size() < *size) return std::nullopt;
  return Packet{received[0], received[1], received.subspan(kHeaderSize, *size - kHeaderSize)};
}

PacketBytes encode_request(const PacketRequest& request) {
  PacketBytes bytes;
  if (const auto* query = std::get_if<Query>(&request)) {
    put_id(begin_packet(bytes, PacketType::Query, kQuerySize), query->service);
  } else if (const auto* control = std::get_if<Control>(&request)) {
    const ByteSpan payload = begin_packet(bytes, PacketType::Control, kControlSize);
    put_id(payload, control->service);
    payload[kCommand] = static_cast<std::uint8_t>(control->command);
    payload[kCommandFlags] = control->flags;
  } else {
    begin_packet(bytes, PacketType::Yank, 0);
  }
  return bytes;
}

std::optional<PacketRequest> decode_request(const Packet& packet) {
  if (packet.protocol != kProtocol) return std::nullopt;
  const ByteView payload = packet.payload;
  switch (static_cast<PacketType>(packet.type)) {
    case PacketType::Query:
      if (payload.size() != kQuerySize) return std::nullopt;
      return Query{get_id(payload)};
    case PacketType::Control:
      if (payload.size() != kControlSize) return std::nullopt;
      return Control{get_id(payload), static_cast<char>(payload[kCommand]), payload[kCommandFlags]};
    case PacketType::Yank:
      return Yank{};
    case PacketType::Status:
    case PacketType::Error:
      break;
  }
  return std::nullopt;
}

PacketBytes encode_reply(const PacketReply& reply) {
  PacketBytes bytes;
  if (const auto* status = std::get_if<ServiceStatus>(&reply)) {
    put_status(begin_packet(bytes, PacketType::Status, kStatusSize), *status);
  } else {
    const auto code = static_cast<std::uint32_t>(std::get<ErrorReply>(reply).code);
    put_le<4>(begin_packet(bytes, PacketType::Error, kErrorSize), 0, code);
  }
  return bytes;
}

std::optional<PacketReply> decode_reply(const Packet& packet) {
  if (packet.protocol != kProtocol) return std::nullopt;
  const ByteView payload = packet.payload;
  switch (static_cast<PacketType>(packet.type)) {
    case PacketType::Status:
      if (payload.size() != kStatusSize) return std::nullopt;
      return get_status(payload);
    case PacketType::Error:
      if (payload.size() != kErrorSize) return std::nullopt;
      return ErrorReply{static_cast<std::int32_t>(get_le<4>(payload, 0))};
    case PacketType::Query:
    case PacketType::Control:
    case PacketType::Yank:
      break;
  }
  return std::nullopt;
}

WallTime latest_fork(const StatusRecord& half) {
  if (half.pid != 0) return half.pid_changed;
  return half.run_ended != WallTime{} ? half.run_ended : half.run_started;
}

bool in_reset(const StatusRecord& half) {
  if (half.pid != 0) return half.phase == Phase::Finishing || half.phase == Phase::Stopping;
  return half.run_ended != WallTime{};
}

namespace {

/// For readers who expect stamps where a reply has none: a half has one for its latest fork, whichever script
/// that was, and one that has never run has been down since the service was activated.
GroupSnapshot stamped(const ServiceStatus& status) {
  const auto stamp = [&](StatusRecord& half) {
    if (half.pid_changed == WallTime{}) half.pid_changed = half.down_since = status.activated;
    if (half.run_started == WallTime{}) half.run_started = half.pid_changed;
  };
  GroupSnapshot snapshot = status.snapshot;
  stamp(snapshot.main);
  if (snapshot.log) stamp(*snapshot.log);
  return snapshot;
}

}  // namespace

std::optional<DecodedStatus> decode_status(ByteView payload) {
  if (payload.size() != kStatusSize) return std::nullopt;
  return DecodedStatus{stamped(get_status(payload)), true};
}

constinit const DoorCodec kDoor{
    .socket = ".control/perpd.sock",
    .ask = [](const DirectoryId& id, ByteSpan out) { return put(encode_request(Query{id}), out); },
    .command =
        [](const DirectoryId& id, char letter, ByteSpan out) {
          return put(encode_request(Control{id, letter, 0}), out);
        },
    .read = [](ByteView received) -> std::optional<DoorReply> {
      const std::optional<Packet> packet = first_packet(received);
      if (!packet) return std::nullopt;
      const std::optional<PacketReply> reply = decode_reply(*packet);
      if (!reply) return DoorReply{EPROTO, std::nullopt};
      if (const auto* error = std::get_if<ErrorReply>(&*reply)) return DoorReply{error->code, std::nullopt};
      return DoorReply{0, DecodedStatus{stamped(std::get<ServiceStatus>(*reply)), true}};
    },
};

}  // namespace kindred::perp
