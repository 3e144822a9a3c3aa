#pragma once
// One client's talk with perpd, and where another family's supervisor looks after a directory, with that one.

#include <optional>
#include <span>
#include <string>

#include "compat-perp/control.h"
#include "compat-perp/packet.h"
#include "core/base/result.h"
#include "core/client/service_directory.h"
#include "core/sys/unique_fd.h"

namespace kindred::perp {

/// Why there is no answer.
enum class Trouble : std::uint8_t {
  None,
  Missing,       ///< the service directory cannot be found; `code` says why
  NotDirectory,  ///< it is something else
  NotActivated,  ///< its sticky bit is not set
  Unreachable,   ///< there is no perpd to ask: see Session::unreachable()
  Write,         ///< the request could not be written
  Read,          ///< nor its reply read
  Protocol,      ///< the reply is of another protocol
  Type,          ///< it is no reply to this
  Refused,       ///< perpd answered with an error
  Inexpressible  ///< the other family's supervisor has no word for it
};

struct Answer {
  Trouble trouble = Trouble::None;
  int code = 0;
  std::optional<ServiceStatus> status;  ///< to a question
  const Dialect* foreign = nullptr;     ///< the family that answered in perpd's place
};

class Session {
 public:
  /// Works in `base` from then on, and connects to its perpd. Errors: that the process cannot go there.
  static Result<Session> open(const std::string& base);

  /// Why there is no connection: the errno, 0 if there is one.
  [[nodiscard]] int unreachable() const { return unreachable_; }
  /// … and in words.
  [[nodiscard]] std::string no_connection() const;
  /// False where there is nobody to talk to about any of these: no perpd, and no other family's supervisor.
  [[nodiscard]] bool serves_any(std::span<char* const> services) const;

  /// The other family whose supervisor looks after a directory; null: none does.
  [[nodiscard]] const Dialect* foreign(const char* service) const;

  [[nodiscard]] Answer ask(const char* service);
  [[nodiscard]] Answer command(const char* service, char command, std::uint8_t flags);

 private:
  Session(std::string socket_path, UniqueFd socket, int unreachable)
      : socket_path_(std::move(socket_path)), socket_(std::move(socket)), unreachable_(unreachable) {}

  /// What is the same for both: `make` gives the request, `elsewhere` asks a foreign supervisor.
  template <class Make, class Elsewhere>
  [[nodiscard]] Answer talk(const char* service, const Make& make, const Elsewhere& elsewhere);
  /// The reply to one request.
  [[nodiscard]] Answer exchange(const PacketRequest& request, PacketType expected);

  std::string socket_path_;
  UniqueFd socket_;
  int unreachable_ = 0;
};

}  // namespace kindred::perp
