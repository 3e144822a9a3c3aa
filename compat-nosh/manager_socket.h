#pragma once
// The manager's datagram socket, from both sides. Source: interfaces/nosh.md section 7.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compat-nosh/protocol.h"
#include "core/base/result.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {

struct Datagram {
  Message message;
  std::vector<UniqueFd> descriptors;
  std::optional<unsigned> sender;  ///< the user who sent it; none where the kernel does not say
};

/// Makes an inherited descriptor ready to be read from: it is to be a datagram socket, and is no service's
/// business. Errors: ENOTSOCK, EPROTOTYPE.
[[nodiscard]] Status prepare_socket(int socket);
/// nullopt: nothing there now.
[[nodiscard]] std::optional<Datagram> receive_datagram(int socket);
/// Whether something is to be done about it: it came from someone who may ask, and has the descriptors that
/// its request needs. Says what it refuses; what lacks descriptors is passed over.
[[nodiscard]] bool is_request(const Datagram& datagram);

/// Who does what is asked of a manager.
class RequestHandler {
 public:
  /// Its descriptors may be taken.
  virtual void obey(Datagram& request) noexcept = 0;

 protected:
  ~RequestHandler() = default;
};
/// All requests that are there, but no more datagrams than `most`: a flood of them must not keep services from
/// being served.
void read_requests(int socket, int most, RequestHandler& handler) noexcept;

/// Where the system's manager is asked, or that of the user whom this process runs as.
[[nodiscard]] std::string manager_path(bool per_user);
/// Where the manager of that user's session takes bytes.
[[nodiscard]] std::string session_control_path();

/// A loader's connection.
class ManagerSocket {
 public:
  /// Errors: operation "connect to", object: the path.
  static Result<ManagerSocket> connect(const std::string& path);
  /// While the manager is too busy it is tried again, five times, a second apart.
  [[nodiscard]] Status send(Request request, std::string_view name, std::span<const int> descriptors);

 private:
  explicit ManagerSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace kindred::nosh
