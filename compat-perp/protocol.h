#pragma once
// What perpd says at its socket: packets in, packets out, for a tree of services.
// Source: interfaces/perp.md sections 7.5 and 7.6.

#include "compat-perp/packet.h"
#include "core/view/packet_door.h"
#include "core/view/tree_host.h"

namespace kindred::perp {

/// The answer to one packet, carried out.
[[nodiscard]] PacketReply answer_packet(const Packet& packet, TreeHost& host, std::uint32_t supervisor,
                                        WallTime supervisor_since) noexcept;

class PerpProtocol final : public PacketProtocol {
 public:
  /// `supervisor` is the process whose pid the replies give, and `since` its start.
  PerpProtocol(TreeHost& host, std::uint32_t supervisor, WallTime since)
      : host_(host), supervisor_(supervisor), since_(since) {}

  [[nodiscard]] bool is_whole(ByteView received) const noexcept override;
  [[nodiscard]] Answer answer(ByteView received, const Peer& peer, ByteSpan reply) noexcept override;

 private:
  TreeHost& host_;
  std::uint32_t supervisor_;
  WallTime since_;
};

}  // namespace kindred::perp
