// Tools that listen and connect. Source: interfaces/nosh-system.md section 4.6.

#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <climits>

#include "compat-nosh/chain/parse.h"
#include "compat-nosh/chain/tool_words.h"

namespace kindred::nosh {
namespace {

constexpr Option kStacks = {0, "systemd-compatibility",
                            "behind what was inherited, and say so by LISTEN_FDS"};
constexpr Option kEvents = {0, "upstart-compatibility", "say so by UPSTART_FDS and UPSTART_EVENTS"};
constexpr Option kBacklog = {'b', "backlog", "so many connections may wait (5)", true};
constexpr Option kNumericHost = {'H', "numeric-host", "the host is a number"};
constexpr Option kNumericService = {0, "numeric-service", "the port is a number"};
constexpr Option kCheckInterfaces = {0, "check-interfaces",
                                     "no addresses of a kind that this machine has not"};
constexpr Option kCredentials = {0, "pass-credentials", "messages come with their sender's credentials"};
constexpr Option kSecurity = {0, "pass-security", "messages come with their sender's security label"};
constexpr Option kUid = {'u', "uid", "its owner, in numbers", true};
constexpr Option kGid = {'g', "gid", "its group, in numbers", true};
constexpr Option kMode = {'m', "mode", "its mode", true};
constexpr Option kUser = {0, "user", "its owner, by name", true};
constexpr Option kGroup = {0, "group", "its group, by name", true};

ListenerPassing passing(const ToolWords& words) { return {words.has(kStacks.name), words.has(kEvents.name)}; }

int backlog(ToolWords& words) {
  constexpr int kUsual = 5;
  return static_cast<int>(words.number(kBacklog.name, 0, INT_MAX).value_or(kUsual));
}

AddressRules address_rules(const ToolWords& words, bool datagrams) {
  return {datagrams, words.has(kNumericHost.name), words.has(kNumericService.name),
          words.has(kCheckInterfaces.name)};
}

FileOwnership ownership(ToolWords& words) {
  constexpr long kMostId = UINT32_MAX - 1L, kMostMode = 07777;
  FileOwnership owner;
  if (const auto user = words.number(kUid.name, 0, kMostId)) owner.user = static_cast<uid_t>(*user);
  if (const auto group = words.number(kGid.name, 0, kMostId)) owner.group = static_cast<gid_t>(*group);
  if (const auto mode = words.number(kMode.name, 0, kMostMode)) owner.mode = static_cast<mode_t>(*mode);
  owner.user_name = words.text(kUser.name);
  owner.group_name = words.text(kGroup.name);
  return owner;
}

SenderOptions senders(const ToolWords& words) {
  return {words.has(kCredentials.name), words.has(kSecurity.name)};
}

ChainRequest listen_internet(int argc, char** argv, std::span<const Option> options, bool datagrams) {
  ToolWords words(argc, argv, options, "HOST PORT PROGRAM...");
  ListenInternet step;
  step.addresses = address_rules(words, datagrams);
  step.backlog = backlog(words);
  step.reuses_address = !words.has("no-reuse-address");
  step.reuses_port = words.has("reuse-port");
  step.binds_anything = words.has("bind-to-any");
  step.both_versions = words.has("combine4and6");
  step.passing = passing(words);
  step.host = words.take("listen host");
  step.port = words.take("listen port");
  return words.then(std::move(step));
}

ChainRequest listen_local(int argc, char** argv, std::span<const Option> options, int type) {
  ToolWords words(argc, argv, options, "PATH PROGRAM...");
  ListenLocal step;
  step.type = type;
  step.backlog = backlog(words);
  step.ownership = ownership(words);
  step.senders = senders(words);
  step.passing = passing(words);
  step.path = words.take("listen path name");
  return words.then(std::move(step));
}

ChainRequest connect_internet(int argc, char** argv, bool datagrams) {
  constexpr Option kOptions[] = {
      {'v', "verbose", "say which addresses do not answer"},
      {'k', "keepalives", "look from time to time whether the other end is there"},
      {'D', "no-delay", "send small packets at once"},
      {'o', "no-kill-IP-options", "leave IP options as they come"},
      kNumericHost,
      kNumericService,
      kCheckInterfaces,
      {'l', "local-host", "TCPLOCALHOST", true},
      {'i', "local-address", "connect from this address", true},
      {'p', "local-port", "connect from this port", true},
  };
  ToolWords words(argc, argv, kOptions, "HOST PORT PROGRAM...");
  ConnectInternet step;
  step.addresses = address_rules(words, datagrams);
  step.options = {words.has("keepalives"), words.has("no-delay"), !words.has("no-kill-IP-options")};
  step.local_host = words.text("local-host");
  step.local_address = words.text("local-address");
  step.local_port = words.text("local-port");
  step.verbose = words.has("verbose");
  step.host = words.take("host");
  step.port = words.take("port");
  return words.then(std::move(step));
}

constexpr Option kTcpOptions[] = {
    kBacklog,
    {0, "no-reuse-address", "not while old connections linger"},
    {0, "reuse-port", "beside others that do likewise"},
    {0, "bind-to-any", "also to an address that this machine has not"},
    kNumericHost,
    kNumericService,
    kCheckInterfaces,
    {0, "combine4and6", "take IPv4 on an IPv6 address"},
    kStacks,
    kEvents,
};
constexpr Option kConnectedLocalOptions[] = {kBacklog, kUid,    kGid,         kMode,     kUser,
                                             kGroup,   kStacks, kCredentials, kSecurity, kEvents};

}  // namespace

ChainRequest parse_tcp_listen(int argc, char** argv, const Environment&) {
  return listen_internet(argc, argv, kTcpOptions, false);
}

ChainRequest parse_udp_listen(int argc, char** argv, const Environment&) {
  return listen_internet(argc, argv, std::span(kTcpOptions).subspan(1), true);
}

ChainRequest parse_local_stream_listen(int argc, char** argv, const Environment&) {
  return listen_local(argc, argv, kConnectedLocalOptions, SOCK_STREAM);
}

ChainRequest parse_local_seqpacket_listen(int argc, char** argv, const Environment&) {
  return listen_local(argc, argv, kConnectedLocalOptions, SOCK_SEQPACKET);
}

ChainRequest parse_local_datagram_listen(int argc, char** argv, const Environment&) {
  return listen_local(argc, argv, std::span(kConnectedLocalOptions).subspan(1), SOCK_DGRAM);
}

ChainRequest parse_fifo_listen(int argc, char** argv, const Environment&) {
  constexpr Option kOptions[] = {kUid, kGid, kMode, kUser, kGroup, kStacks};
  ToolWords words(argc, argv, kOptions, "PATH PROGRAM...");
  ListenFifo step;
  step.ownership = ownership(words);
  step.passing = passing(words);
  step.path = words.take("FIFO name");
  return words.then(std::move(step));
}

ChainRequest parse_netlink_listen(int argc, char** argv, const Environment&) {
  struct Protocol {
    std::string_view name;
    int number;
  };
  constexpr Option kOptions[] = {{0, "raw", "a raw socket"},
                                 {0, "receive-buffer-size", "so many bytes", true},
                                 kCredentials,
                                 kSecurity,
                                 kStacks,
                                 kEvents};
  constexpr Protocol kProtocols[] = {
      {"route", NETLINK_ROUTE},
      {"usersock", NETLINK_USERSOCK},
      {"firewall", NETLINK_FIREWALL},
      {"inet-diag", NETLINK_INET_DIAG},
      {"nflog", NETLINK_NFLOG},
      {"xfrm", NETLINK_XFRM},
      {"selinux", NETLINK_SELINUX},
      {"iscsi", NETLINK_ISCSI},
      {"audit", NETLINK_AUDIT},
      {"fib-lookup", NETLINK_FIB_LOOKUP},
      {"connector", NETLINK_CONNECTOR},
      {"netfilter", NETLINK_NETFILTER},
      {"ip6-fw", NETLINK_IP6_FW},
      {"dnrtmsg", NETLINK_DNRTMSG},
      {"kobject-uevent", NETLINK_KOBJECT_UEVENT},
      {"generic", NETLINK_GENERIC},
      {"scsitransport", NETLINK_SCSITRANSPORT},
      {"ecryptfs", NETLINK_ECRYPTFS},
      {"rdma", NETLINK_RDMA},
      {"crypto", NETLINK_CRYPTO},
  };
  ToolWords words(argc, argv, kOptions, "PROTOCOL GROUP PROGRAM...");
  const std::string_view name = words.take("protocol");
  ListenNetlink step;
  const auto* const known = std::ranges::find(kProtocols, name, &Protocol::name);
  if (known != std::end(kProtocols))
    step.protocol = known->number;
  else
    words.complain({name, ": Unknown protocol."});
  step.group = static_cast<unsigned>(words.take_number("multicast group", 0, UINT32_MAX));
  step.raw = words.has("raw");
  if (const auto size = words.number("receive-buffer-size", 0, INT_MAX))
    step.receive_buffer = static_cast<int>(*size);
  step.senders = senders(words);
  step.passing = passing(words);
  return words.then(step);
}

ChainRequest parse_tcp_connect(int argc, char** argv, const Environment&) {
  return connect_internet(argc, argv, false);
}

ChainRequest parse_udp_connect(int argc, char** argv, const Environment&) {
  return connect_internet(argc, argv, true);
}

ChainRequest parse_local_stream_connect(int argc, char** argv, const Environment&) {
  constexpr Option kOptions[] = {{'v', "verbose", "nothing: a failure is said anyway"},
                                 {'l', "local-path", "connect from this path", true}};
  ToolWords words(argc, argv, kOptions, "PATH PROGRAM...");
  ConnectLocal step;
  step.local_path = words.text("local-path");
  step.path = words.take("path name");
  return words.then(std::move(step));
}

}  // namespace kindred::nosh
