#include "compat-perp/protocol.h"

#include <algorithm>
#include <cerrno>

#include "compat-perp/control.h"

namespace kindred::perp {
namespace {

ServiceStatus status_of(const TreeService& service) {
  ServiceStatus status;
  status.activated = service.supervised_since;
  status.active = service.active;
  status.reactivating = service.returning;
  status.flag_down = service.began_down;
  status.flag_once = service.began_once;
  status.snapshot = service.snapshot;
  return status;
}

/// Errors: errno; 0 for none.
int control(const Control& request, TreeHost& host) noexcept {
  const std::optional<TreeService> service = host.find(request.service);
  if (!service) return ENOENT;
  if (service->snapshot.main.exiting) return EBUSY;
  const std::optional<CommandPair> commands = decode_command(request.command, request.flags);
  if (!commands) return EPROTO;
  for (const ControlCommand& command : *commands) switch (host.command(request.service, command, nullptr)) {
      case TreeHost::Commanded::Busy:
        return EAGAIN;
      case TreeHost::Commanded::NoGroup:
        return ESRCH;
      case TreeHost::Commanded::Unknown:
      case TreeHost::Commanded::Done:
        break;
    }
  return 0;
}

}  // namespace

PacketReply answer_packet(const Packet& packet, TreeHost& host, std::uint32_t supervisor,
                          WallTime supervisor_since) noexcept {
  const std::optional<PacketRequest> request = decode_request(packet);
  if (!request) return ErrorReply{EPROTO};
  if (std::holds_alternative<Yank>(*request)) return ErrorReply{ENOTSUP};
  if (const auto* command = std::get_if<Control>(&*request)) return ErrorReply{control(*command, host)};
  const std::optional<TreeService> service = host.find(std::get<Query>(*request).service);
  if (!service) return ErrorReply{ENOTDIR};
  ServiceStatus status = status_of(*service);
  status.supervisor = supervisor;
  status.supervisor_since = supervisor_since;
  return status;
}

bool PerpProtocol::is_whole(ByteView received) const noexcept {
  const std::optional<std::size_t> size = packet_size(received);
  return size && received.size() >= *size;
}

PacketProtocol::Answer PerpProtocol::answer(ByteView received, const Peer&, ByteSpan reply) noexcept {
  using Next = Answer::Next;
  // By turns: what comes before its reply belongs to no packet.
  if (packet_size(received) != received.size()) return {Next::Close, 0};
  const PacketBytes bytes = encode_reply(answer_packet(*first_packet(received), host_, supervisor_, since_));
  std::copy(bytes.begin(), bytes.end(), reply.begin());
  return {Next::Reply, bytes.size()};
}

}  // namespace kindred::perp
