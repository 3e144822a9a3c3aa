#include "core/chain/ucspi.h"

#include <sys/un.h>
#include <unistd.h>

#include <cstddef>

#include "core/base/number.h"
#include "core/sys/socket.h"

namespace kindred {
namespace {

/// What a local socket is bound to; nullopt: nothing that has a name in the file system.
std::optional<std::string> path_of(int (*ask)(int, sockaddr*, socklen_t*), int socket) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (ask(socket, reinterpret_cast<sockaddr*>(&address), &size) == -1 || address.sun_family != AF_UNIX ||
      size <= offsetof(sockaddr_un, sun_path) || address.sun_path[0] == '\0')
    return std::nullopt;
  const std::string_view bytes(address.sun_path, size - offsetof(sockaddr_un, sun_path));
  return std::string(bytes.substr(0, bytes.find('\0')));
}

}  // namespace

Result<ConnectionEnds> ends_of(int socket) {
  ConnectionEnds ends;
  ends.local.size = ends.remote.size = sizeof(sockaddr_storage);
  if (::getsockname(socket, ends.local.get(), &ends.local.size) == -1) return error_here("getsockname", "");
  if (::getpeername(socket, ends.remote.get(), &ends.remote.size) == -1) return error_here("getpeername", "");
  return ends;
}

std::vector<VariableChange> internet_variables(const std::string& protocol, const ConnectionEnds& ends,
                                               const std::optional<std::string>& local_host) {
  return {
      {"PROTO", protocol},
      {protocol + "LOCALIP", ends.local.host()},
      {protocol + "LOCALPORT", std::to_string(ends.local.port())},
      {protocol + "LOCALHOST", local_host},
      {protocol + "LOCALINFO", std::nullopt},
      {protocol + "REMOTEIP", ends.remote.host()},
      {protocol + "REMOTEPORT", std::to_string(ends.remote.port())},
      {protocol + "REMOTEHOST", std::nullopt},
      {protocol + "REMOTEINFO", std::nullopt},
  };
}

std::vector<VariableChange> local_variables(int socket, const std::optional<std::string>& local_path) {
  std::optional<std::string> process, user, group;
  if (const auto peer = peer_of(socket)) {
    process = std::to_string(peer->pid);
    user = std::to_string(peer->uid);
    group = std::to_string(peer->gid);
  }
  return {
      {"PROTO", "UNIX"},
      {"UNIXLOCALPATH", local_path ? local_path : path_of(::getsockname, socket)},
      {"UNIXLOCALUID", std::nullopt},
      {"UNIXLOCALGID", std::nullopt},
      {"UNIXLOCALPID", std::nullopt},
      {"UNIXREMOTEPATH", path_of(::getpeername, socket)},
      {"UNIXREMOTEPID", process},
      {"UNIXREMOTEEUID", user},
      {"UNIXREMOTEEGID", group},
  };
}

unsigned inherited_sockets(const Environment& environment) {
  const auto process = environment.value("LISTEN_PID");
  const auto count = environment.value("LISTEN_FDS");
  if (!process || !count || parse_unsigned<unsigned>(*process) != static_cast<unsigned>(::getpid())) return 0;
  // No process has more descriptors.
  constexpr unsigned kMost = 1U << 20;
  const unsigned sockets = parse_unsigned<unsigned>(*count).value_or(0);
  return sockets <= kMost ? sockets : 0;
}

}  // namespace kindred
