#include "core/chain/connect_step.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/chain/step.h"
#include "core/chain/ucspi.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

constexpr int kFromOther = 6, kToOther = 7;

Status place(UniqueFd socket) {
  // Elsewhere first: it may have one of these two numbers itself.
  const UniqueFd elsewhere(::fcntl(socket.get(), F_DUPFD_CLOEXEC, kToOther + 1));
  socket.reset();
  if (!elsewhere || ::dup2(elsewhere.get(), kFromOther) == -1 || ::dup2(elsewhere.get(), kToOther) == -1)
    return error_here("move descriptor", "");
  return ok();
}

/// Where nothing is asked for, the kernel chooses.
Status bind_here(const UniqueFd& socket, const InternetAddress& remote, const ConnectInternet& step) {
  if (!step.local_address && !step.local_port) return ok();
  AddressRules rules = step.addresses;
  rules.numeric_host = true;
  const std::string any = remote.family() == AF_INET6 ? "::" : "0.0.0.0";
  const std::string host = step.local_address.value_or(any);
  const auto local = find_addresses(host, step.local_port.value_or("0"), rules);
  if (!local) return local.error();
  if (::bind(socket.get(), local->front().get(), local->front().size) == -1) return error_here("bind", host);
  return ok();
}

}  // namespace

Status apply_options(int socket, int family, const StreamOptions& options) {
  const int on = 1;
  if (options.keeps_alive && ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == -1)
    return error_here("SO_KEEPALIVE", "");
  if (options.no_delay && ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
    return error_here("TCP_NODELAY", "");
  if (options.kills_ip_options && family == AF_INET &&
      ::setsockopt(socket, IPPROTO_IP, IP_OPTIONS, nullptr, 0) == -1)
    return error_here("IP_OPTIONS", "");
  return ok();
}

Status apply_step(const ConnectInternet& step, ProcessState& state) {
  const auto addresses = find_addresses(step.host, step.port, step.addresses);
  if (!addresses) return addresses.error();
  const bool datagrams = step.addresses.datagrams;
  for (const InternetAddress& address : *addresses) {
    UniqueFd socket(::socket(address.family(), (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0));
    if (!socket) return error_here("socket", "");
    if (Status bound = bind_here(socket, address, step); !bound) return bound;
    if (::connect(socket.get(), address.get(), address.size) == -1) {
      if (step.verbose) warn(state, error_here("connect", address.host() + " " + step.port));
      continue;
    }
    if (!datagrams)
      if (Status set = apply_options(socket.get(), address.family(), step.options); !set) return set;
    const auto ends = ends_of(socket.get());
    if (!ends) return ends.error();
    for (VariableChange& change : internet_variables(datagrams ? "UDP" : "TCP", *ends, step.local_host))
      state.change(change);
    return place(std::move(socket));
  }
  return Error{0, "No addresses (remaining) to connect to", step.host + " " + step.port};
}

Status apply_step(const ConnectLocal& step, ProcessState& state) {
  const auto name = [](const std::string& path, sockaddr_un& address) {
    address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return true;
  };
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return error_here("socket", step.path);
  sockaddr_un address;
  if (step.local_path) {
    if (!name(*step.local_path, address)) return error_here("bind", *step.local_path, ENAMETOOLONG);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == -1)
      return error_here("bind", *step.local_path);
  }
  if (!name(step.path, address)) return error_here("connect", step.path, ENAMETOOLONG);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == -1)
    return error_here("connect", step.path);
  for (VariableChange& change : local_variables(socket.get(), std::nullopt)) state.change(change);
  return place(std::move(socket));
}

}  // namespace kindred
