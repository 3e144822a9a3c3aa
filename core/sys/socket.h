#pragma once
// Local sockets between a user's own processes: single-byte requests, with descriptors where a request needs
// them.

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// Two connected ends; messages keep their bounds.
[[nodiscard]] Result<std::array<UniqueFd, 2>> make_socket_pair();

/// A listening socket NAME in the directory; what had the name is replaced.
[[nodiscard]] Result<UniqueFd> listen_at(int directory, const char* name);
/// Errors: ENOENT, ECONNREFUSED where nobody listens; EPERM where the listener is another user's.
[[nodiscard]] Result<UniqueFd> connect_to(int directory, const char* name);
/// nullopt if nobody waits, or the one who does is another user (root excepted).
[[nodiscard]] std::optional<UniqueFd> accept_own(int listener) noexcept;

struct Request {
  char what = 0;
  std::array<UniqueFd, 3> files;  ///< standard input, output and error of the sender, or nothing
};

/// Sends one byte, and descriptors 0, 1, 2 with it if `with_standard_files`. Errors: false.
[[nodiscard]] bool send_request(int socket, char what, bool with_standard_files) noexcept;
/// what is 0 at the end of the connection. nullopt: nothing there now.
[[nodiscard]] std::optional<Request> receive_request(int socket) noexcept;

}  // namespace kindred
