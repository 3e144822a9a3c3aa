// kindred-account WHAT NAME: what the name service switch knows. Nothing for a name that nobody knows.
//
//   account, user      a line of passwd(5), by name or number
//   group              a line of group(5)
//   groups             the numbers of an account's groups
//   host, near-host    the addresses of a host, one a line; such as this machine could reach
//   tcp, udp           the number of a port
//
// The chain tools are linked statically and read /etc/passwd and /etc/group themselves; the switch loads its
// sources as shared objects, which takes a dynamic program: this one.

#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/number.h"
#include "core/cli/output.h"

namespace {

/// Numeric hosts or ports that the name stands for.
void add_addresses(kindred::Output& out, const char* host, const char* port, int type, int flags) {
  addrinfo hints{};
  hints.ai_socktype = type;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host, port, &hints, &found) != 0) return;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    const bool names_host = host != nullptr;
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, names_host ? text.data() : nullptr,
                      names_host ? text.size() : 0, names_host ? nullptr : text.data(),
                      names_host ? 0 : text.size(), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
      out.add(text.data()).add("\n");
  }
  ::freeaddrinfo(found);
}

const passwd* account_of_number(std::string_view text) {
  const auto user = kindred::parse_unsigned<uid_t>(text);
  return user ? ::getpwuid(*user) : nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return kindred::kExitUsage;
  kindred::Output out;
  const std::string_view what = argv[1];
  const char* const name = argv[2];
  if (what == "host" || what == "near-host") {
    add_addresses(out, name, nullptr, SOCK_STREAM, what == "host" ? 0 : AI_ADDRCONFIG);
    return out.flush() ? 0 : kindred::kExitFatal;
  }
  if (what == "tcp" || what == "udp") {
    add_addresses(out, nullptr, name, what == "tcp" ? SOCK_STREAM : SOCK_DGRAM, 0);
    return out.flush() ? 0 : kindred::kExitFatal;
  }
  if (what == "group") {
    if (const group* found = ::getgrnam(name)) out.add(name).add(":x:").add(found->gr_gid).add(":\n");
    return out.flush() ? 0 : kindred::kExitFatal;
  }
  const passwd* found = what == "user" ? account_of_number(name) : ::getpwnam(name);
  if (found == nullptr) return 0;
  if (what != "groups") {
    out.add(found->pw_name).add(":x:").add(found->pw_uid).add(":").add(found->pw_gid).add("::");
    out.add(found->pw_dir).add(":").add(found->pw_shell).add("\n");
  } else {
    std::vector<gid_t> groups(64);
    int count = static_cast<int>(groups.size());
    if (::getgrouplist(name, found->pw_gid, groups.data(), &count) == -1) {
      groups.resize(static_cast<std::size_t>(count));
      if (::getgrouplist(name, found->pw_gid, groups.data(), &count) == -1) return kindred::kExitFatal;
    }
    groups.resize(static_cast<std::size_t>(count));
    for (const gid_t group : groups) out.add(group).add(" ");
    out.add("\n");
  }
  return out.flush() ? 0 : kindred::kExitFatal;
}
