#include "core/view/packet_door.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace kindred {
namespace {

constexpr int kArrivalsPerTurn = 8;
constexpr Duration kLookAgain = std::chrono::seconds(1);

}  // namespace

class PacketDoor::Client final : public ReadyHandler, public Timer {
 public:
  ~Client() override { leave(); }

  [[nodiscard]] bool is_free() const { return !socket_; }

  /// False where it cannot be watched.
  [[nodiscard]] bool enter(PacketDoor& door, UniqueFd socket, const Peer& peer) noexcept {
    Result<Watch> watched = door.loop_.watch(socket.get(), *this);
    if (!watched) return false;
    watch_ = std::move(*watched);
    door_ = &door;
    peer_ = peer;
    socket_ = std::move(socket);
    reply_size_ = sent_ = 0;
    awaited_ = Await::Bytes;
    be_patient();
    door.count(+1);
    return true;
  }

  void leave() noexcept {
    if (!socket_) return;
    door_->loop_.timers().disarm(*this);
    watch_.end();
    socket_.reset();
    door_->count(-1);
  }

 private:
  void on_timer() noexcept override { leave(); }

  void on_ready() noexcept override {
    if (reply_size_ > 0)
      speak();
    else
      listen();
  }

  void be_patient() noexcept {
    door_->loop_.timers().arm(*this, door_->loop_.clock().now().steady + door_->rules_.idle);
  }

  void listen() noexcept {
    std::uint8_t received[PacketProtocol::kLongest];
    const ssize_t got = ::recv(socket_.get(), received, sizeof received, MSG_DONTWAIT | MSG_PEEK);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return leave();
    const ByteView request(received, static_cast<std::size_t>(got));
    // What is not whole stays where it is: if we are killed, it is the next one's, and so is the rest.
    if (!door_->protocol_.is_whole(request)) {
      if (request.size() == sizeof received || has_hung_up()) return leave();
      return await(Await::MoreBytes);
    }
    (void)::recv(socket_.get(), received, request.size(), MSG_DONTWAIT);
    const PacketProtocol::Answer answer = door_->protocol_.answer(request, peer_, reply_);
    // A request may have closed the whole door.
    if (!socket_) return;
    if (answer.next == PacketProtocol::Answer::Next::Close) return leave();
    sent_ = 0;
    reply_size_ = answer.size;
    speak();
  }

  /// What is left unread hides it.
  [[nodiscard]] bool has_hung_up() const noexcept {
    pollfd end{socket_.get(), POLLRDHUP, 0};
    return ::poll(&end, 1, 0) > 0;
  }

  void await(Await what) noexcept {
    if (std::exchange(awaited_, what) != what) watch_.await(what);
  }

  void speak() noexcept {
    const ssize_t sent =
        ::send(socket_.get(), reply_ + sent_, reply_size_ - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return leave();
    if (sent > 0) sent_ += static_cast<std::size_t>(sent);
    const bool over = sent_ == reply_size_;
    if (over) {
      reply_size_ = sent_ = 0;
      be_patient();
    }
    await(over ? Await::Bytes : Await::Room);
  }

  PacketDoor* door_ = nullptr;
  UniqueFd socket_;
  Watch watch_;
  Peer peer_;
  std::size_t reply_size_ = 0, sent_ = 0;
  Await awaited_ = Await::Bytes;
  std::uint8_t reply_[PacketProtocol::kLongest];
};

PacketDoor::PacketDoor(EventLoop& loop, PacketProtocol& protocol, const DoorRules& rules)
    : loop_(loop), protocol_(protocol), rules_(rules), clients_(new Client[rules.clients]) {
  loop_.timers().reserve_besides(rules.clients + 1);
}

PacketDoor::~PacketDoor() { close(); }

Status PacketDoor::open(UniqueFd listener) noexcept {
  Result<Watch> watched = loop_.watch(listener.get(), *this);
  if (!watched) return watched.error();
  listener_ = std::move(listener);
  watch_ = std::move(*watched);
  return ok();
}

void PacketDoor::close() noexcept {
  loop_.timers().disarm(*this);
  watch_.end();
  listener_.reset();
  for (std::size_t i = 0; i < rules_.clients; ++i) clients_[i].leave();
}

PacketDoor::Client* PacketDoor::free_place() noexcept {
  for (std::size_t i = 0; i < rules_.clients; ++i)
    if (clients_[i].is_free()) return &clients_[i];
  return nullptr;
}

void PacketDoor::count(int change) noexcept {
  present_ += static_cast<std::size_t>(change);
  protocol_.on_clients(present_);
}

void PacketDoor::on_ready() noexcept {
  for (int arrivals = 0; arrivals < kArrivalsPerTurn && listener_; ++arrivals) {
    Result<UniqueFd> socket = accept_stream(listener_.get());
    if (!socket) {
      const int why = socket.error().code;
      if (why == EINTR || why == ECONNABORTED) continue;
      if (why == EAGAIN) return;
      // Out of descriptors or memory: whoever waits would be announced again and again.
      watch_.await(Await::Nothing);
      loop_.timers().arm(*this, loop_.clock().now().steady + kLookAgain);
      return;
    }
    let_in(std::move(*socket));
  }
}

void PacketDoor::let_in(UniqueFd client) noexcept {
  const std::optional<Peer> peer = peer_of(client.get());
  Client* const place = free_place();
  if (peer && place != nullptr) (void)place->enter(*this, std::move(client), *peer);
}

void PacketDoor::on_timer() noexcept { watch_.await(Await::Bytes); }

}  // namespace kindred
