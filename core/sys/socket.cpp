#include "core/sys/socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/sys/path_of_descriptor.h"

namespace kindred {
namespace {

constexpr int kKind = SOCK_SEQPACKET | SOCK_CLOEXEC;
constexpr int kStream = SOCK_STREAM | SOCK_CLOEXEC;
constexpr std::size_t kFiles = 3;
// Longer than any supervisor takes for a turn, and short enough for one who is asked by root and means harm.
constexpr timeval kPatience{10, 0};

/// `call` is bind(2) or connect(2). Not by the directory's own path: a socket's may have 107 bytes.
template <class Call>
int with_address(const Call& call, int socket, int directory, const char* name) {
  return with_path_in(directory, name, [&](const char* path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return call(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  });
}

bool is_ours(int socket) {
  const std::optional<Peer> peer = peer_of(socket);
  return peer && (peer->uid == ::geteuid() || peer->uid == 0);
}

Result<UniqueFd> bind_with(int kind, int directory, const char* name) {
  UniqueFd socket(::socket(AF_UNIX, kind | SOCK_NONBLOCK, 0));
  if (!socket) return error_here("create socket", name);
  ::unlinkat(directory, name, 0);
  if (with_address(::bind, socket.get(), directory, name) != 0) return error_here("listen at", name);
  return socket;
}

Result<UniqueFd> listen_with(int kind, int directory, const char* name, int waiting) {
  Result<UniqueFd> socket = bind_with(kind, directory, name);
  if (socket && ::listen(socket->get(), waiting) != 0) return error_here("listen at", name);
  return socket;
}

/// A file that nobody but its owner may use.
class PrivateFiles {
 public:
  PrivateFiles() : before_(::umask(0077)) {}
  ~PrivateFiles() { ::umask(before_); }
  PrivateFiles(const PrivateFiles&) = delete;
  PrivateFiles& operator=(const PrivateFiles&) = delete;

 private:
  mode_t before_;
};

Result<UniqueFd> connect_with(int kind, int directory, const char* name) {
  UniqueFd socket(::socket(AF_UNIX, kind, 0));
  if (!socket) return error_here("create socket", name);
  if ((kind & SOCK_NONBLOCK) == 0)
    for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO})
      (void)::setsockopt(socket.get(), SOL_SOCKET, direction, &kPatience, sizeof kPatience);
  if (with_address(::connect, socket.get(), directory, name) != 0) return error_here("connect to", name);
  return socket;
}

}  // namespace

Result<std::array<UniqueFd, 2>> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, kKind, 0, ends) != 0) return error_here("create", "socket pair");
  return std::array<UniqueFd, 2>{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<UniqueFd> listen_at(int directory, const char* name) { return listen_with(kKind, directory, name, 8); }

Result<UniqueFd> connect_to(int directory, const char* name) {
  Result<UniqueFd> socket = connect_with(kKind | SOCK_NONBLOCK, directory, name);
  if (socket && !is_ours(socket->get())) return error_here("trust", name, EPERM);
  if (socket) ::fcntl(socket->get(), F_SETFL, 0);
  return socket;
}

std::optional<UniqueFd> accept_own(int listener) noexcept {
  UniqueFd accepted(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!accepted || !is_ours(accepted.get())) return std::nullopt;
  return accepted;
}

Result<UniqueFd> listen_stream_at(int directory, const char* name, int waiting) {
  const PrivateFiles mode;
  return listen_with(kStream, directory, name, waiting);
}

Result<UniqueFd> bind_datagrams_at(int directory, const char* name) {
  const PrivateFiles mode;
  return bind_with(SOCK_DGRAM | SOCK_CLOEXEC, directory, name);
}

Result<UniqueFd> connect_stream(int directory, const char* name) {
  return connect_with(kStream, directory, name);
}

Result<UniqueFd> accept_stream(int listener) noexcept {
  UniqueFd accepted(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!accepted) return Error{errno, {}, {}};
  return accepted;
}

std::optional<Peer> peer_of(int socket) noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return Peer{peer.pid, peer.uid, peer.gid};
}

bool send_request(int socket, char what, bool with_standard_files) noexcept {
  constexpr int kStandard[kFiles] = {0, 1, 2};
  return send_request(socket, what, std::span<const int>(kStandard, with_standard_files ? kFiles : 0));
}

bool send_request(int socket, char what, std::span<const int> files) noexcept {
  iovec data{&what, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kFiles)]{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  const std::size_t count = std::min(files.size(), kFiles);
  if (count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), files.data(), count * sizeof(int));
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

std::optional<Request> receive_request(int socket) noexcept {
  Request request;
  iovec data{&request.what, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kFiles)]{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      UniqueFd owned(fd);
      if (i < kFiles) request.files[i] = std::move(owned);
    }
  }
  if (size <= 0) request.what = 0;
  return request;
}

}  // namespace kindred
