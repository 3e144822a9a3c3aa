#pragma once
// A connection for the program: from the other end by descriptor 6, to it by 7.
// Source: interfaces/nosh-system.md section 4.6.

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/chain/internet_address.h"

namespace kindred {

struct ProcessState;

/// What is asked of a TCP connection; other kinds have none of it.
struct StreamOptions {
  bool keeps_alive = false;
  bool no_delay = false;
  bool kills_ip_options = true;  ///< source routes, which may come with a connection, above all
};
/// Errors: setsockopt's.
[[nodiscard]] Status apply_options(int socket, int family, const StreamOptions& options);

struct ConnectInternet {
  std::string host, port;
  AddressRules addresses = {};
  StreamOptions options = {};
  std::optional<std::string> local_host = std::nullopt;  ///< a name, which is only told
  std::optional<std::string> local_address = std::nullopt;
  std::optional<std::string> local_port = std::nullopt;
  bool verbose = false;  ///< each address that does not answer is said
};

struct ConnectLocal {
  std::string path;
  std::optional<std::string> local_path = std::nullopt;
};

[[nodiscard]] Status apply_step(const ConnectInternet& step, ProcessState& state);
[[nodiscard]] Status apply_step(const ConnectLocal& step, ProcessState& state);

}  // namespace kindred
