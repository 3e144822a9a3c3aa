#include "core/chain/account.h"

#include <fcntl.h>
#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/base/number.h"
#include "core/chain/name_switch.h"
#include "core/sys/files.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

constexpr const char* kAccounts = "/etc/passwd";
constexpr const char* kGroups = "/etc/group";
constexpr std::size_t kLongestLine = 1024 * 1024;

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto value = parse_unsigned<Number>(text);
  if (value) number = *value;
  return value.has_value();
}

/// What stands before the next `separator`; the rest stays in `text`.
std::string_view take_field(std::string_view& text, char separator = ':') {
  const std::size_t end = text.find(separator);
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return field;
}

/// Calls `use` with each line until it says that it has enough. A line beyond all measure ends the search.
/// Errors: open's, read's; a file that is not there has no lines.
template <class Use>
int each_line(const char* path, Use use) {
  const UniqueFd file(::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) return errno == ENOENT ? 0 : errno;
  std::string text;
  std::array<char, 4096> block;
  while (true) {
    const ssize_t size = ::read(file.get(), block.data(), block.size());
    if (size == -1 && errno == EINTR) continue;
    if (size == -1) return errno;
    text.append(block.data(), static_cast<std::size_t>(size));
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      if (use(std::string_view(text).substr(begin, end - begin))) return 0;
    text.erase(0, begin);
    if (size == 0) {
      if (!text.empty()) use(std::string_view(text));
      return 0;
    }
    if (text.size() > kLongestLine) return E2BIG;
  }
}

/// Whether groups may have members of which /etc/group does not know.
bool groups_are_elsewhere() {
  bool elsewhere = false;
  static_cast<void>(each_line("/etc/nsswitch.conf", [&](std::string_view line) {
    if (!line.starts_with("group:") && !line.starts_with("initgroups:")) return false;
    line = line.substr(0, line.find('#'));
    static_cast<void>(take_field(line));
    while (!line.empty()) {
      const std::string_view source = take_field(line, ' ');
      if (!source.empty() && source != "files" && source != "compat" && source != "systemd" &&
          source.front() != '[')
        elsewhere = true;
    }
    return false;
  }));
  return elsewhere;
}

bool has_member(std::string_view members, std::string_view name) {
  while (!members.empty())
    if (take_field(members, ',') == name) return true;
  return false;
}

Error no_such(const char* operation, const IdentityName& name) { return {0, operation, name.text}; }

}  // namespace

std::optional<Account> parse_account(std::string_view line) {
  Account account;
  account.name = take_field(line);
  static_cast<void>(take_field(line));
  if (account.name.empty() || !parse_number(take_field(line), account.user) ||
      !parse_number(take_field(line), account.group))
    return std::nullopt;
  static_cast<void>(take_field(line));
  account.home = take_field(line);
  account.shell = line;
  return account;
}

std::optional<GroupLine> parse_group(std::string_view line) {
  GroupLine group;
  group.name = take_field(line);
  static_cast<void>(take_field(line));
  if (group.name.empty() || !parse_number(take_field(line), group.group)) return std::nullopt;
  group.members = line;
  return group;
}

Result<std::optional<Account>> find_account(std::string_view name) {
  std::optional<Account> found;
  const int error = each_line(kAccounts, [&](std::string_view line) {
    if (line.substr(0, line.find(':')) != name) return false;
    found = parse_account(line);
    return found.has_value();
  });
  if (error != 0) return error_here("read", kAccounts, error);
  if (found || name.empty()) return found;
  const Result<std::string> answer = ask_name_switch("account", name);
  if (!answer) return answer.error();
  return parse_account(*answer);
}

Result<std::optional<Account>> find_account(uid_t user) {
  std::optional<Account> found;
  const int error = each_line(kAccounts, [&](std::string_view line) {
    auto account = parse_account(line);
    if (account && account->user == user) found = std::move(account);
    return found.has_value();
  });
  if (error != 0) return error_here("read", kAccounts, error);
  if (found) return found;
  const Result<std::string> answer = ask_name_switch("user", std::to_string(user));
  if (!answer) return answer.error();
  return parse_account(*answer);
}

Result<std::optional<gid_t>> find_group(std::string_view name) {
  std::optional<gid_t> found;
  const auto take = [&](std::string_view line) {
    if (line.substr(0, line.find(':')) != name) return false;
    const auto group = parse_group(line);
    if (group) found = group->group;
    return found.has_value();
  };
  if (const int error = each_line(kGroups, take); error != 0) return error_here("read", kGroups, error);
  if (found || name.empty()) return found;
  const Result<std::string> answer = ask_name_switch("group", name);
  if (!answer) return answer.error();
  static_cast<void>(take(*answer));
  return found;
}

Result<std::vector<gid_t>> groups_of(const Account& account) {
  std::vector<gid_t> groups{account.group};
  const auto add = [&](gid_t group) {
    if (std::ranges::find(groups, group) == groups.end()) groups.push_back(group);
  };
  if (groups_are_elsewhere()) {
    const Result<std::string> answer = ask_name_switch("groups", account.name);
    if (!answer) return answer.error();
    std::string_view rest = *answer;
    while (!rest.empty()) {
      gid_t group = 0;
      if (parse_number(take_field(rest, ' '), group)) add(group);
    }
    return groups;
  }
  const int error = each_line(kGroups, [&](std::string_view line) {
    const auto group = parse_group(line);
    if (group && has_member(group->members, account.name)) add(group->group);
    return false;
  });
  if (error != 0) return error_here("read", kGroups, error);
  return groups;
}

IdentityName account_name(const char* name) {
  IdentityName identity;
  identity.text = identity.user = name;
  identity.account_only = true;
  return identity;
}

IdentityName parse_identity_name(std::string_view text) {
  IdentityName name;
  name.numeric = text.starts_with(':');
  if (name.numeric) text.remove_prefix(1);
  name.text = text;
  const bool has_groups = text.find(':') != std::string_view::npos;
  name.user = take_field(text);
  if (!has_groups) return name;
  bool more = true;
  while (more) {
    more = text.find(':') != std::string_view::npos;
    name.groups.emplace_back(take_field(text));
  }
  return name;
}

Result<Identity> resolve(const IdentityName& name) {
  constexpr std::size_t kMostGroups = 60;
  Identity identity;
  if (name.numeric) {
    if (name.groups.empty() || name.groups.size() > kMostGroups || !parse_number(name.user, identity.user))
      return no_such("invalid uid/gids", name);
    for (const std::string& group : name.groups) {
      gid_t number = 0;
      if (!parse_number(group, number)) return no_such("invalid uid/gids", name);
      identity.groups.push_back(number);
    }
    return identity;
  }
  const auto account = find_account(name.user);
  if (!account) return account.error();
  if (!*account || name.groups.size() > kMostGroups)
    return no_such(name.account_only ? "unknown account" : "unknown user/group", name);
  identity.user = (*account)->user;
  if (name.groups.empty()) identity.groups.push_back((*account)->group);
  for (const std::string& group : name.groups) {
    const auto number = find_group(group);
    if (!number) return number.error();
    if (!*number && name.account_only) return Error{0, "unknown group", group};
    if (!*number) return no_such("unknown user/group", name);
    identity.groups.push_back(**number);
  }
  return identity;
}

bool has_groups(std::span<const gid_t> wanted) {
  const auto in_order = [](std::vector<gid_t> groups) {
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    return groups;
  };
  std::vector<gid_t> found(wanted.size() + 1);
  const int count = ::getgroups(static_cast<int>(found.size()), found.data());
  if (count == -1) return false;
  found.resize(static_cast<std::size_t>(count));
  return in_order(std::move(found)) == in_order({wanted.begin(), wanted.end()});
}

Status become(const Identity& identity, std::string_view name) {
  const gid_t group = identity.groups.front();
  if (::setgroups(identity.groups.size(), identity.groups.data()) != 0)
    return error_here("set groups for", name);
  if (::setresgid(group, group, group) != 0) return error_here("set group for", name);
  if (::setresuid(identity.user, identity.user, identity.user) != 0) return error_here("set user for", name);
  // A system that says yes and does nothing must not run the program with rights that it was to lose.
  uid_t real = 0, effective = 0, saved = 0;
  if (::getresuid(&real, &effective, &saved) != 0 || real != identity.user || effective != identity.user ||
      saved != identity.user)
    return error_here("set user for", name, EPERM);
  gid_t real_group = 0, effective_group = 0, saved_group = 0;
  if (::getresgid(&real_group, &effective_group, &saved_group) != 0 || real_group != group ||
      effective_group != group || saved_group != group)
    return error_here("set group for", name, EPERM);
  if (!has_groups(identity.groups)) return error_here("set groups for", name, EPERM);
  return ok();
}

Status become_account(const Account& account) {
  return become({account.user, {account.group}}, account.name);
}

}  // namespace kindred
