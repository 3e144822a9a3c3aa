#pragma once
// A listening socket where clients ask and are answered by turns. Nothing here waits: a client that is slow,
// silent, too talkative or gone costs one of a fixed number of places, for a limited time, and neither
// another client nor a service notices.

#include <sys/types.h>

#include <cstddef>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/sys/event_loop.h"
#include "core/sys/socket.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// What is said at a door. Pure but for what a request brings about.
class PacketProtocol {
 public:
  /// No request and no reply is longer.
  static constexpr std::size_t kLongest = 320;

  struct Answer {
    enum class Next : std::uint8_t {
      Reply,  ///< `size` bytes of the reply were written; all that was received is done with
      Close,  ///< nobody to talk to
    };
    Next next = Next::Close;
    std::size_t size = 0;
  };
  /// There is something to be answered. `received`: all that the client has sent since its latest reply.
  [[nodiscard]] virtual bool is_whole(ByteView received) const noexcept = 0;
  /// `received`: what is whole. `reply` has kLongest bytes.
  [[nodiscard]] virtual Answer answer(ByteView received, const Peer& peer, ByteSpan reply) noexcept = 0;
  /// The number of clients has changed.
  virtual void on_clients(std::size_t) noexcept {}

 protected:
  ~PacketProtocol() = default;
};

struct DoorRules {
  std::size_t clients = 20;                 ///< one more is let in and shown out
  Duration idle = std::chrono::seconds(8);  ///< since it came, or was given a whole reply
};

class PacketDoor final : private ReadyHandler, private Timer {
 public:
  /// Both live longer than the door.
  PacketDoor(EventLoop& loop, PacketProtocol& protocol, const DoorRules& rules);
  ~PacketDoor() override;
  PacketDoor(const PacketDoor&) = delete;
  PacketDoor& operator=(const PacketDoor&) = delete;

  /// `listener`: a stream socket that listens and does not block.
  [[nodiscard]] Status open(UniqueFd listener) noexcept;
  /// A connection to it that the process had in whose place this one goes on.
  void let_in(UniqueFd client) noexcept;
  /// Shows everybody out, and listens no more.
  void close() noexcept;
  [[nodiscard]] std::size_t clients() const { return present_; }

 private:
  class Client;

  void on_ready() noexcept override;
  void on_timer() noexcept override;
  [[nodiscard]] Client* free_place() noexcept;
  void count(int change) noexcept;

  EventLoop& loop_;
  PacketProtocol& protocol_;
  const DoorRules rules_;
  UniqueFd listener_;
  Watch watch_;
  std::unique_ptr<Client[]> clients_;
  std::size_t present_ = 0;
};

}  // namespace kindred
