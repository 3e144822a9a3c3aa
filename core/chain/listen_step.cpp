#include "core/chain/listen_step.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/chain/account.h"
#include "core/chain/step.h"
#include "core/chain/ucspi.h"

namespace kindred {
namespace {

Status set_option(const UniqueFd& socket, int level, int option, int value, const std::string& object) {
  if (::setsockopt(socket.get(), level, option, &value, sizeof value) == -1)
    return error_here("setsockopt", object);
  return ok();
}

Status set_options(const UniqueFd& socket, const SenderOptions& senders, const std::string& object) {
  if (senders.credentials)
    if (Status set = set_option(socket, SOL_SOCKET, SO_PASSCRED, 1, object); !set) return set;
  if (senders.security) return set_option(socket, SOL_SOCKET, SO_PASSSEC, 1, object);
  return ok();
}

/// Numbers for names. Errors: code 0 for a name that there is not.
Result<FileOwnership> resolved(FileOwnership ownership) {
  if (ownership.user_name && !ownership.user) {
    const auto account = find_account(*ownership.user_name);
    if (!account) return account.error();
    if (!*account) return Error{0, "unknown account", *ownership.user_name};
    ownership.user = (*account)->user;
  }
  if (ownership.group_name && !ownership.group) {
    const auto group = find_group(*ownership.group_name);
    if (!group) return group.error();
    if (!*group) return Error{0, "unknown group", *ownership.group_name};
    ownership.group = **group;
  }
  return ownership;
}

constexpr uid_t kSame = static_cast<uid_t>(-1);

Status bind_local(const UniqueFd& socket, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return error_here("bind", path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const auto* const name = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(socket.get(), name, sizeof address) == 0) return ok();
  struct stat st;
  if (errno != EADDRINUSE || ::lstat(path.c_str(), &st) == -1 || !S_ISSOCK(st.st_mode))
    return error_here("bind", path, errno == 0 ? EADDRINUSE : errno);
  if (::unlink(path.c_str()) == -1 || ::bind(socket.get(), name, sizeof address) == -1)
    return error_here("bind", path);
  return ok();
}

}  // namespace

Status pass_listener(UniqueFd listener, const ListenerPassing& passing, ProcessState& state) {
  const unsigned before = passing.stacks ? inherited_sockets(state.environment) : 0;
  const int place = kFirstListener + static_cast<int>(before);
  if (listener.get() == place)
    static_cast<void>(listener.release());
  else if (::dup2(listener.get(), place) == -1)
    return error_here("move descriptor", std::to_string(place));
  if (passing.stacks) {
    state.change({"LISTEN_FDS", std::to_string(before + 1)});
    state.change({"LISTEN_PID", std::to_string(::getpid())});
  }
  if (passing.events) {
    state.change({"UPSTART_EVENTS", "socket"});
    state.change({"UPSTART_FDS", std::to_string(place)});
  }
  return ok();
}

Status apply_step(const ListenInternet& step, ProcessState& state) {
  const auto addresses = find_addresses(step.host, step.port, step.addresses);
  if (!addresses) return addresses.error();
  const InternetAddress& address = addresses->front();
  const std::string object = step.host + " " + step.port;
  UniqueFd socket(::socket(address.family(), step.addresses.datagrams ? SOCK_DGRAM : SOCK_STREAM, 0));
  if (!socket) return error_here("socket", object);
  const bool is_v6 = address.family() == AF_INET6;
  const struct {
    bool wanted;
    int level, option, value;
  } options[] = {
      {step.reuses_address, SOL_SOCKET, SO_REUSEADDR, 1},
      {step.reuses_port, SOL_SOCKET, SO_REUSEPORT, 1},
      {step.binds_anything, IPPROTO_IP, IP_FREEBIND, 1},
      {is_v6, IPPROTO_IPV6, IPV6_V6ONLY, step.both_versions ? 0 : 1},
  };
  for (const auto& option : options)
    if (option.wanted)
      if (Status set = set_option(socket, option.level, option.option, option.value, object); !set)
        return set;
  if (::bind(socket.get(), address.get(), address.size) == -1) return error_here("bind", object);
  if (!step.addresses.datagrams && ::listen(socket.get(), step.backlog) == -1)
    return error_here("listen", object);
  return pass_listener(std::move(socket), step.passing, state);
}

Status apply_step(const ListenLocal& step, ProcessState& state) {
  const auto ownership = resolved(step.ownership);
  if (!ownership) return ownership.error();
  UniqueFd socket(::socket(AF_UNIX, step.type, 0));
  if (!socket) return error_here("socket", step.path);
  if (Status bound = bind_local(socket, step.path); !bound) return bound;
  if ((ownership->user || ownership->group) &&
      ::lchown(step.path.c_str(), ownership->user.value_or(kSame), ownership->group.value_or(kSame)) == -1)
    return error_here("chown", step.path);
  if (ownership->mode && ::chmod(step.path.c_str(), *ownership->mode) == -1)
    return error_here("chmod", step.path);
  if (Status set = set_options(socket, step.senders, step.path); !set) return set;
  if (step.type != SOCK_DGRAM && ::listen(socket.get(), step.backlog) == -1)
    return error_here("listen", step.path);
  return pass_listener(std::move(socket), step.passing, state);
}

Status apply_step(const ListenFifo& step, ProcessState& state) {
  const auto ownership = resolved(step.ownership);
  if (!ownership) return ownership.error();
  constexpr mode_t kMode = 0600;
  if (::mkfifo(step.path.c_str(), kMode) == -1 && errno != EEXIST)
    return error_here("make a FIFO", step.path);
  UniqueFd fifo(::open(step.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK));
  if (!fifo) return error_here("open", step.path);
  struct stat st;
  if (::fstat(fifo.get(), &st) == -1) return error_here("open", step.path);
  if (!S_ISFIFO(st.st_mode)) return Error{0, "not a FIFO", step.path};
  if (::fcntl(fifo.get(), F_SETFL, O_RDWR) == -1) return error_here("open", step.path);
  if ((ownership->user || ownership->group) &&
      ::fchown(fifo.get(), ownership->user.value_or(kSame), ownership->group.value_or(kSame)) == -1)
    return error_here("chown", step.path);
  if (ownership->mode && ::fchmod(fifo.get(), *ownership->mode) == -1) return error_here("chmod", step.path);
  return pass_listener(std::move(fifo), step.passing, state);
}

Status apply_step(const ListenNetlink& step, ProcessState& state) {
  UniqueFd socket(::socket(AF_NETLINK, step.raw ? SOCK_RAW : SOCK_DGRAM, step.protocol));
  if (!socket) return error_here("socket", "");
  if (step.receive_buffer)
    if (Status set = set_option(socket, SOL_SOCKET, SO_RCVBUF, *step.receive_buffer, ""); !set) return set;
  if (Status set = set_options(socket, step.senders, ""); !set) return set;
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = step.group;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == -1)
    return error_here("bind", std::to_string(step.group));
  return pass_listener(std::move(socket), step.passing, state);
}

}  // namespace kindred
