#pragma once
// Local sockets between a user's own processes: single-byte requests, with descriptors where a request needs
// them.

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred {

/// Two connected ends; messages keep their bounds.
[[nodiscard]] Result<std::array<UniqueFd, 2>> make_socket_pair();

/// A listening socket NAME in the directory; what had the name is replaced.
[[nodiscard]] Result<UniqueFd> listen_at(int directory, const char* name);
/// Errors: ENOENT, ECONNREFUSED where nobody listens; EAGAIN where the listener is too busy to be waited for; EPERM
/// where it is another user's.
[[nodiscard]] Result<UniqueFd> connect_to(int directory, const char* name);
/// nullopt if nobody waits, or the one who does is another user (root excepted).
[[nodiscard]] std::optional<UniqueFd> accept_own(int listener) noexcept;

// --- datagrams ---

/// A socket NAME in the directory, for datagrams to its owner, who alone may send them; it does not block.
/// What had the name is replaced.
[[nodiscard]] Result<UniqueFd> bind_datagrams_at(int directory, const char* name);

// --- streams, for whom the file's mode lets in ---

/// As listen_at(), but a stream, whose file nobody but its owner may use until its mode is set.
[[nodiscard]] Result<UniqueFd> listen_stream_at(int directory, const char* name, int waiting);
/// A stream to whoever listens there; a call on it that has to wait for ten seconds fails with EAGAIN. Errors: as
/// connect_to(), but for EPERM.
[[nodiscard]] Result<UniqueFd> connect_stream(int directory, const char* name);
/// Errors: accept4's.
[[nodiscard]] Result<UniqueFd> accept_stream(int listener) noexcept;

/// The process at the other end, as it was when it connected.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};
[[nodiscard]] std::optional<Peer> peer_of(int socket) noexcept;

struct Request {
  char what = 0;
  std::array<UniqueFd, 3> files;  ///< as they were sent, standard files of the sender for instance
};

/// Sends one byte, and descriptors 0, 1, 2 with it if `with_standard_files`. Does not wait. Errors: false; EAGAIN where
/// the other end does not read.
[[nodiscard]] bool send_request(int socket, char what, bool with_standard_files) noexcept;
/// Likewise, with these descriptors, three at most.
[[nodiscard]] bool send_request(int socket, char what, std::span<const int> files) noexcept;
/// what is 0 at the end of the connection. nullopt: nothing there now.
[[nodiscard]] std::optional<Request> receive_request(int socket) noexcept;

}  // namespace kindred
