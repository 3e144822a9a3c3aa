#pragma once
// The variables by which a program is told between whom its connection is.
//
//   PROTO               "TCP", "UDP" or "UNIX"
//   TCPLOCALIP TCPLOCALPORT TCPLOCALHOST TCPREMOTEIP TCPREMOTEPORT (UDP…); TCPLOCALINFO TCPREMOTEHOST
//   TCPREMOTEINFO are removed
//   UNIXLOCALPATH UNIXREMOTEPATH UNIXREMOTEPID UNIXREMOTEEUID UNIXREMOTEEGID; UNIXLOCALUID UNIXLOCALGID
//   UNIXLOCALPID are removed
//
// Source: interfaces/nosh-system.md section 4.6.

#include <optional>
#include <string>
#include <vector>

#include "core/chain/environment.h"
#include "core/chain/internet_address.h"

namespace kindred {

struct ConnectionEnds {
  InternetAddress local, remote;
};
/// Errors: getsockname's, getpeername's.
[[nodiscard]] Result<ConnectionEnds> ends_of(int socket);
/// The ends of a connection over the internet. `local_host`: its name, where it has one. Pure.
[[nodiscard]] std::vector<VariableChange> internet_variables(const std::string& protocol,
                                                             const ConnectionEnds& ends,
                                                             const std::optional<std::string>& local_host);
/// The ends of a connection within the machine. `local_path`: in the place of what the socket is bound to.
[[nodiscard]] std::vector<VariableChange> local_variables(int socket,
                                                          const std::optional<std::string>& local_path);

/// What is read from a stream's variables, and what a listening one was told it inherits: LISTEN_FDS and LISTEN_PID.
/// 0 where that is not for this process.
[[nodiscard]] unsigned inherited_sockets(const Environment& environment);

}  // namespace kindred
