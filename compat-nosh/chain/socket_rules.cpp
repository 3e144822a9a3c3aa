// ucspi-socket-rules-check: whether the other end of a connection may go on.

#include "compat-nosh/chain/socket_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "compat-nosh/chain/turns.h"
#include "core/base/number.h"
#include "core/chain/internet_address.h"

namespace kindred::nosh {
namespace {

Result<std::string> variable(const Environment& environment, const std::string& name) {
  const auto value = environment.value(name);
  if (!value) return Error{0, "Missing environment variable", name};
  return std::string(*value);
}

/// From the whole address to its first bit. No network has no bit: a rule for all there are is none, as was observed.
template <std::size_t Size>
void add_networks(std::vector<std::string>& names, const char* directory, int family,
                  std::array<unsigned char, Size> bytes) {
  constexpr int kBits = 8;
  for (int length = static_cast<int>(Size) * kBits; length > 0; --length) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(family, bytes.data(), text.data(), text.size());
    names.push_back(std::string(directory) + text.data() + "_" + std::to_string(length));
    const auto last = static_cast<std::size_t>(length - 1);
    bytes[last / kBits] &= static_cast<unsigned char>(~(0x80U >> (last % kBits)));
  }
}

Result<RuleDirectories> internet_rules(const std::string& ip) {
  RuleDirectories rules{ip, {}};
  const auto address = parse_internet_host(ip);
  if (!address) return Error{0, "Bad address", ip};
  if (address->family() == AF_INET) {
    std::array<unsigned char, sizeof(in_addr)> bytes;
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(&address->storage)->sin_addr,
                bytes.size());
    add_networks(rules.names, "ip4/", AF_INET, bytes);
  } else {
    std::array<unsigned char, sizeof(in6_addr)> bytes;
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(&address->storage)->sin6_addr,
                bytes.size());
    add_networks(rules.names, "ip6/", AF_INET6, bytes);
  }
  return rules;
}

bool has(const std::string& directory, const char* rule) {
  struct stat st;
  return ::stat((directory + "/" + rule).c_str(), &st) == 0;
}

constexpr Option kRulesOptions[] = {{'v', "verbose", "say who is turned away"}};

}  // namespace

Result<RuleDirectories> rule_directories(const Environment& environment, uid_t user, gid_t group) {
  const auto protocol = variable(environment, "PROTO");
  if (!protocol) return protocol.error();
  if (*protocol == "TCP" || *protocol == "TCP6") {
    const auto ip = variable(environment, *protocol + "REMOTEIP");
    if (!ip) return ip.error();
    return internet_rules(*ip);
  }
  if (*protocol != "UNIX") return Error{0, "Unknown protocol", *protocol};
  const auto their_user = variable(environment, "UNIXREMOTEEUID");
  if (!their_user) return their_user.error();
  const auto their_group = variable(environment, "UNIXREMOTEEGID");
  if (!their_group) return their_group.error();
  const auto user_number = parse_unsigned<uid_t>(*their_user);
  if (!user_number) return Error{0, "Not a number", *their_user};
  const auto group_number = parse_unsigned<gid_t>(*their_group);
  if (!group_number) return Error{0, "Not a number", *their_group};
  RuleDirectories rules{*their_user, {}};
  if (*user_number == user) rules.names.emplace_back("uid/self");
  if (*group_number == group) rules.names.emplace_back("gid/self");
  rules.names.push_back("uid/" + std::to_string(*user_number));
  rules.names.push_back("gid/" + std::to_string(*group_number));
  rules.names.emplace_back("uid/default");
  return rules;
}

constinit const std::span<const Option> RulesCheckTool::kOptions = kRulesOptions;

ChainTurn RulesCheckTool::act(ToolTurn& words) const {
  const auto rules = rule_directories(words.state().environment, ::geteuid(), ::getegid());
  if (!rules) return words.fail(rules.error());
  for (const std::string& directory : rules->names) {
    if (has(directory, "allow")) return words.go_on();
    if (has(directory, "deny")) break;
  }
  if (words.has("verbose")) return words.fail(Error{0, "Access denied", rules->who});
  return ChainTurn::ends(kExitFailed);
}

}  // namespace kindred::nosh
