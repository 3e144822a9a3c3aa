#pragma once
// Accounts of the system, and becoming one.
//
// /etc/passwd and /etc/group are read here, so that a chain tool may be linked statically and starts at once. A
// name that they lack is asked of the name service switch, by a small program of its own.

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kindred {

struct Account {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
  std::string home = {};
  std::string shell = {};
};

/// nullopt: there is none of that name; a number is no name. Errors: what kept the system from looking.
[[nodiscard]] Result<std::optional<Account>> find_account(std::string_view name);
/// The first account of that number.
[[nodiscard]] Result<std::optional<Account>> find_account(uid_t user);
[[nodiscard]] Result<std::optional<gid_t>> find_group(std::string_view name);
/// The groups of which the account is a member, its own first.
[[nodiscard]] Result<std::vector<gid_t>> groups_of(const Account& account);

/// A line of passwd(5); nullopt for what is none.
[[nodiscard]] std::optional<Account> parse_account(std::string_view line);
/// A line of group(5).
struct GroupLine {
  std::string_view name;
  gid_t group = 0;
  std::string_view members;  ///< with commas between
};
[[nodiscard]] std::optional<GroupLine> parse_group(std::string_view line);

/// A user and groups, as a process may become.
struct Identity {
  uid_t user = 0;
  std::vector<gid_t> groups;  ///< the first is the process's own
};

/// "NAME", "NAME:GROUP[:GROUP…]", or ":UID:GID[:GID…]" in numbers. Pure.
struct IdentityName {
  bool numeric = false;
  bool account_only = false;  ///< a plain account is asked for, and called so where there is none
  std::string text;           ///< as it was given, without the leading colon of numbers
  std::string user;
  std::vector<std::string> groups;  ///< none: the account's own
};
[[nodiscard]] IdentityName parse_identity_name(std::string_view text);
/// That is the account of this name, whatever the name looks like.
[[nodiscard]] IdentityName account_name(const char* name);
/// Errors: code 0 and operation "unknown user/group", "unknown account", "unknown group" or "invalid uid/gids" for
/// what there is not; else what kept
/// the system from looking.
[[nodiscard]] Result<Identity> resolve(const IdentityName& name);

/// Whether these, and no others, are the process's supplementary groups.
[[nodiscard]] bool has_groups(std::span<const gid_t> wanted);

/// This process becomes it, for good: groups, group, user, in this order, and looks whether it is so.
/// Errors: operation "set groups for", "set group for", "set user for", object `name`.
[[nodiscard]] Status become(const Identity& identity, std::string_view name);
/// … with its group as the only one.
[[nodiscard]] Status become_account(const Account& account);

}  // namespace kindred
