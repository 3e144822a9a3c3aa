#include "core/chain/internet_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

#include "core/base/number.h"
#include "core/chain/name_switch.h"

namespace kindred {
namespace {

sockaddr_in& v4(InternetAddress& address) { return *reinterpret_cast<sockaddr_in*>(&address.storage); }
sockaddr_in6& v6(InternetAddress& address) { return *reinterpret_cast<sockaddr_in6*>(&address.storage); }

Error unknown(std::string_view name) { return {0, "Name or service not known", std::string(name)}; }

Result<std::uint16_t> find_port(std::string_view port, const AddressRules& rules) {
  if (const auto value = parse_unsigned<std::uint16_t>(port)) return *value;
  if (rules.numeric_port || port.empty()) return unknown(port);
  const Result<std::string> answer = ask_name_switch(rules.datagrams ? "udp" : "tcp", port);
  if (!answer) return answer.error();
  const auto value = parse_unsigned<std::uint16_t>(std::string_view(*answer).substr(0, answer->find('\n')));
  return value ? Result<std::uint16_t>(*value) : unknown(port);
}

Result<std::vector<InternetAddress>> find_hosts(std::string_view host, const AddressRules& rules) {
  std::vector<InternetAddress> found;
  if (const auto address = parse_internet_host(host)) return std::vector<InternetAddress>{*address};
  if (rules.numeric_host || host.empty()) return unknown(host);
  const Result<std::string> answer = ask_name_switch(rules.check_interfaces ? "near-host" : "host", host);
  if (!answer) return answer.error();
  std::string_view rest = *answer;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (const auto address = parse_internet_host(line)) found.push_back(*address);
  }
  if (found.empty()) return unknown(host);
  return found;
}

}  // namespace

std::string InternetAddress::host() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  if (family() == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr;
  if (family() == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr;
  if (bytes == nullptr || ::inet_ntop(family(), bytes, text.data(), text.size()) == nullptr) return {};
  std::string name = text.data();
  if (family() != AF_INET6) return name;
  const std::uint32_t scope = reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_scope_id;
  std::array<char, IF_NAMESIZE> interface {};
  if (scope != 0)
    name += "%" + (::if_indextoname(scope, interface.data()) != nullptr ? std::string(interface.data())
                                                                        : std::to_string(scope));
  return name;
}

std::uint16_t InternetAddress::port() const {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  return 0;
}

void InternetAddress::set_port(std::uint16_t port) {
  if (family() == AF_INET) v4(*this).sin_port = htons(port);
  if (family() == AF_INET6) v6(*this).sin6_port = htons(port);
}

std::optional<InternetAddress> parse_internet_host(std::string_view text) {
  InternetAddress address;
  const std::string whole(text);
  if (::inet_aton(whole.c_str(), &v4(address).sin_addr) == 1 &&
      text.find_first_of(" \t\n") == std::string_view::npos) {
    v4(address).sin_family = AF_INET;
    address.size = sizeof(sockaddr_in);
    return address;
  }
  address = {};
  const std::size_t percent = text.find('%');
  if (::inet_pton(AF_INET6, whole.substr(0, percent).c_str(), &v6(address).sin6_addr) != 1)
    return std::nullopt;
  if (percent != std::string_view::npos) {
    const std::string scope(text.substr(percent + 1));
    unsigned index = ::if_nametoindex(scope.c_str());
    if (index == 0) index = parse_unsigned<unsigned>(scope).value_or(0);
    if (index == 0) return std::nullopt;
    v6(address).sin6_scope_id = index;
  }
  v6(address).sin6_family = AF_INET6;
  address.size = sizeof(sockaddr_in6);
  return address;
}

Result<std::vector<InternetAddress>> find_addresses(std::string_view host, std::string_view port,
                                                    const AddressRules& rules) {
  const auto number = find_port(port, rules);
  if (!number) return number.error();
  auto addresses = find_hosts(host, rules);
  if (addresses)
    for (InternetAddress& address : *addresses) address.set_port(*number);
  return addresses;
}

}  // namespace kindred
