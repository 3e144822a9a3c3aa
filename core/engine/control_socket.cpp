#include "core/engine/control_socket.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>

#include "core/sys/files.h"
#include "core/sys/socket.h"

namespace kindred {
namespace {
constexpr const char* kName = "control.sock";
constexpr std::size_t kLongest = 1024;
constexpr std::size_t kMostClients = 16;
}  // namespace

Status ControlSocket::open(const std::string& run_directory) {
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, run_directory.c_str());
  if (!directory) return directory.error();
  Result<UniqueFd> listener = listen_at(directory->get(), kName);
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  Result<Watch> watched = loop_.watch(listener_.get(), *this);
  if (!watched) return watched.error();
  watch_ = std::move(*watched);
  return ok();
}

void ControlSocket::on_ready() noexcept {
  std::optional<UniqueFd> socket = accept_own(listener_.get());
  if (!socket) return;
  if (clients_.size() == kMostClients) clients_.pop_front();
  Client& client = clients_.emplace_back();
  client.door = this;
  client.socket = std::move(*socket);
  if (Result<Watch> watched = loop_.watch(client.socket.get(), client))
    client.watch = std::move(*watched);
  else
    clients_.pop_back();
}

void ControlSocket::serve(Client& client) noexcept {
  char text[kLongest];
  const ssize_t size = ::recv(client.socket.get(), text, sizeof text, MSG_DONTWAIT | MSG_TRUNC);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size > 0) {
    std::string answer = "request too long";
    if (static_cast<std::size_t>(size) <= sizeof text) {
      try {
        answer = handler_({text, static_cast<std::size_t>(size)});
      } catch (const std::exception& problem) {
        answer = problem.what();
      }
    }
    // Whoever does not read has no use for the answer.
    (void)::send(client.socket.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  clients_.remove_if([&](const Client& each) { return &each == &client; });
}

Result<std::string> ask_host(const std::string& run_directory, std::string_view request) {
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, run_directory.c_str());
  if (!directory) return directory.error();
  const Result<UniqueFd> socket = connect_to(directory->get(), kName);
  if (!socket) return socket.error();
  if (::send(socket->get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
    return error_here("write to", kName);
  char text[kLongest];
  const ssize_t size = ::recv(socket->get(), text, sizeof text, 0);
  if (size <= 0) return error_here("read", kName, size == 0 ? ECONNRESET : errno);
  return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace kindred
