#include "compat-nosh/manager_socket.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "compat-nosh/manager_words.h"

namespace kindred::nosh {
namespace {

constexpr int kTries = 5;
constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(int) * kMostDescriptors) + CMSG_SPACE(sizeof(ucred));

void take_descriptors(const cmsghdr& header, std::vector<UniqueFd>& into) {
  const std::size_t count = (header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(&header) + i * sizeof(int), sizeof fd);
    into.emplace_back(fd);
  }
}

/// Whoever has no name has none.
std::string user_directory() {
  const passwd* const account = getpwuid(geteuid());
  return std::string("/run/user/") + (account != nullptr ? account->pw_name : "");
}

}  // namespace

Status prepare_socket(int socket) {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return error_here("use", "socket");
  if (type != SOCK_DGRAM) return error_here("use", "socket", EPROTOTYPE);
  const int yes = 1;
  if (setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0 ||
      fcntl(socket, F_SETFD, FD_CLOEXEC) != 0)
    return error_here("use", "socket");
  return ok();
}

std::optional<Datagram> receive_datagram(int socket) {
  MessageBytes bytes;
  iovec data{bytes.data(), bytes.size()};
  alignas(cmsghdr) char control[kControlSize];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0) return std::nullopt;
  Datagram datagram;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_RIGHTS) take_descriptors(*header, datagram.descriptors);
    if (header->cmsg_type == SCM_CREDENTIALS) {
      ucred who{};
      std::memcpy(&who, CMSG_DATA(header), sizeof who);
      // Without a process: it was sent before anybody wanted to know.
      if (who.pid != 0) datagram.sender = who.uid;
    }
  }
  datagram.message = decode_message({bytes.data(), static_cast<std::size_t>(size)});
  return datagram;
}

bool is_request(const Datagram& datagram) {
  const std::size_t count = datagram.descriptors.size();
  if (count == 0) return false;
  // Whoever makes us run something makes us run it as ourselves.
  if (datagram.sender && *datagram.sender != 0 && *datagram.sender != geteuid()) {
    tell("WARNING", "refused a request of user ", std::to_string(*datagram.sender));
    return false;
  }
  const std::size_t needed = descriptors_of(datagram.message.request);
  if (needed == 0)
    tell("WARNING", "unknown control message command ", std::to_string(datagram.message.number), " with ",
         std::to_string(count), " file descriptors");
  return needed > 0 && count >= needed;
}

void read_requests(int socket, int most, RequestHandler& handler) noexcept {
  for (int i = 0; i < most; ++i) {
    std::optional<Datagram> datagram = receive_datagram(socket);
    if (!datagram) return;
    if (is_request(*datagram)) handler.obey(*datagram);
  }
}

std::string manager_path(bool per_user) {
  if (!per_user) return std::string(kRunDirectory) + "/" + kSocketName;
  return user_directory() + "/service-manager/" + kSocketName;
}

std::string session_control_path() { return user_directory() + "/per-user-manager/control"; }

Result<ManagerSocket> ManagerSocket::connect(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return error_here("connect to", path, ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return error_here("connect to", path);
  return ManagerSocket(std::move(fd));
}

Status ManagerSocket::send(Request request, std::string_view name, std::span<const int> descriptors) {
  MessageBytes bytes = encode_message(request, name);
  iovec data{bytes.data(), bytes.size()};
  constexpr std::size_t kMost = 2;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMost)]{};
  const std::size_t size = sizeof(int) * std::min(descriptors.size(), kMost);
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(size);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(header), descriptors.data(), size);
  for (int attempt = 1;; ++attempt) {
    if (sendmsg(fd_.get(), &message, MSG_NOSIGNAL) >= 0) return ok();
    if (errno == EINTR) continue;
    if (errno != ENOBUFS || attempt == kTries) return error_here("write to", kSocketName);
    sleep(1);
  }
}

}  // namespace kindred::nosh
