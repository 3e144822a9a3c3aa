#pragma once
// Addresses of hosts and ports, numbers or names, and their texts.

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kindred {

struct InternetAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
  /// Without brackets; "" for what is no internet address.
  [[nodiscard]] std::string host() const;
  [[nodiscard]] std::uint16_t port() const;
  void set_port(std::uint16_t port);
};

/// "10.1.2.3", "fe80::1%eth0". nullopt for anything else. Pure but for the name of an interface.
[[nodiscard]] std::optional<InternetAddress> parse_internet_host(std::string_view text);

/// How a host and a port are looked for.
struct AddressRules {
  bool datagrams = false;     ///< the port's name is UDP's
  bool numeric_host = false;  ///< it has to be a number
  bool numeric_port = false;
  bool check_interfaces = false;  ///< only such addresses as this machine has itself the like of
};
/// In the order in which they are to be tried, at least one. Errors: code 0, operation "Name or service not known",
/// object the host or the port.
[[nodiscard]] Result<std::vector<InternetAddress>> find_addresses(std::string_view host,
                                                                  std::string_view port,
                                                                  const AddressRules& rules);

}  // namespace kindred
