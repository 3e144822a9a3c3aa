#pragma once
// Sockets and FIFOs on which the program is to listen, at descriptor 3 and after it.
// Source: interfaces/nosh-system.md section 4.6.

#include <sys/socket.h>
#include <sys/types.h>

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/chain/internet_address.h"
#include "core/sys/unique_fd.h"

namespace kindred {

struct ProcessState;

inline constexpr int kFirstListener = 3;

/// How the program is told of the descriptor.
struct ListenerPassing {
  bool stacks = false;  ///< behind those that LISTEN_FDS counts, which counts it then
  bool events = false;  ///< UPSTART_FDS, UPSTART_EVENTS
};
/// Errors: dup2's, object the number.
[[nodiscard]] Status pass_listener(UniqueFd listener, const ListenerPassing& passing, ProcessState& state);

struct ListenInternet {
  std::string host, port;
  AddressRules addresses = {};
  int backlog = 5;
  bool reuses_address = true;
  bool reuses_port = false;
  bool binds_anything = false;  ///< to an address also that this machine does not have yet
  bool both_versions = false;   ///< an IPv6 socket takes IPv4, too
  ListenerPassing passing = {};
};

/// Who may use a socket or FIFO in the file system; what is not given stays as it comes.
struct FileOwnership {
  std::optional<uid_t> user = std::nullopt;
  std::optional<gid_t> group = std::nullopt;
  std::optional<std::string> user_name = std::nullopt;  ///< where there is no number
  std::optional<std::string> group_name = std::nullopt;
  std::optional<mode_t> mode = std::nullopt;
};

/// What passes the credentials, or the security label, of a sender.
struct SenderOptions {
  bool credentials = false;
  bool security = false;
};

/// A socket of the name is replaced; nothing else that has it is.
struct ListenLocal {
  std::string path;
  int type = SOCK_STREAM;
  int backlog = 5;
  FileOwnership ownership = {};
  SenderOptions senders = {};
  ListenerPassing passing = {};
};

/// A FIFO that is there is used.
struct ListenFifo {
  std::string path;
  FileOwnership ownership = {};
  ListenerPassing passing = {};
};

struct ListenNetlink {
  int protocol = 0;
  unsigned group = 0;
  bool raw = false;
  std::optional<int> receive_buffer = std::nullopt;
  SenderOptions senders = {};
  ListenerPassing passing = {};
};

[[nodiscard]] Status apply_step(const ListenInternet& step, ProcessState& state);
[[nodiscard]] Status apply_step(const ListenLocal& step, ProcessState& state);
[[nodiscard]] Status apply_step(const ListenFifo& step, ProcessState& state);
[[nodiscard]] Status apply_step(const ListenNetlink& step, ProcessState& state);

}  // namespace kindred
