#include "core/client/door.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "core/client/service_directory.h"
#include "core/sys/socket.h"

namespace kindred {
namespace {

constexpr std::size_t kLongest = 320;

class Talk {
 public:
  static Result<Talk> begin(const DoorCodec& door, int service) {
    const UniqueFd parent(::openat(service, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!parent) return error_here("open", door.socket);
    return begin(door, parent.get(), service);
  }
  static Result<Talk> begin(const DoorCodec& door, int parent, int service) {
    struct stat st;
    if (::fstat(service, &st) != 0) return error_here("stat", door.socket);
    Result<UniqueFd> socket = connect_stream(parent, door.socket);
    if (!socket) return socket.error();
    return Talk(door, {st.st_dev, st.st_ino}, std::move(*socket));
  }

  [[nodiscard]] const DirectoryId& service() const { return id_; }

  [[nodiscard]] Result<DoorReply> exchange(ByteView request) {
    ssize_t sent;
    do sent = ::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0) return trouble("write to");
    std::array<std::uint8_t, kLongest> buffer;
    std::size_t size = 0;
    while (size < buffer.size()) {
      const ssize_t got = ::recv(socket_.get(), buffer.data() + size, buffer.size() - size, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return trouble("read");
      if (got == 0) break;
      size += static_cast<std::size_t>(got);
      if (const auto reply = door_->read(ByteView(buffer).first(size))) return *reply;
    }
    return error_here("read", door_->socket, kBadFormat);
  }

 private:
  Talk(const DoorCodec& door, DirectoryId id, UniqueFd socket)
      : door_(&door), id_(id), socket_(std::move(socket)) {}
  [[nodiscard]] Error trouble(std::string_view operation) const {
    return error_here(operation, door_->socket, errno == EAGAIN ? ETIMEDOUT : errno);
  }

  const DoorCodec* door_;
  DirectoryId id_;
  UniqueFd socket_;
};

Result<DecodedStatus> ask(const DoorCodec& door, Result<Talk> talk) {
  if (!talk) return talk.error();
  std::array<std::uint8_t, kLongest> request;
  const std::size_t size = door.ask(talk->service(), request);
  const Result<DoorReply> reply = talk->exchange(ByteView(request).first(size));
  if (!reply) return reply.error();
  if (!reply->status) return error_here("read", door.socket, reply->error != 0 ? reply->error : kBadFormat);
  return *reply->status;
}

}  // namespace

Result<DecodedStatus> ask_door(const DoorCodec& door, int service) {
  return ask(door, Talk::begin(door, service));
}

Result<DecodedStatus> ask_door(const DoorCodec& door, int parent, int service) {
  return ask(door, Talk::begin(door, parent, service));
}

Status tell_door(const DoorCodec& door, int service, std::string_view letters) {
  Result<Talk> talk = Talk::begin(door, service);
  if (!talk) return talk.error();
  for (const char letter : letters) {
    std::array<std::uint8_t, kLongest> request;
    const std::size_t size = door.command(talk->service(), letter, request);
    const Result<DoorReply> reply = talk->exchange(ByteView(request).first(size));
    if (!reply) return reply.error();
    if (reply->error != 0) return error_here("write to", door.socket, reply->error);
  }
  return ok();
}

}  // namespace kindred
