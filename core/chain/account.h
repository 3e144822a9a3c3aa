#pragma once
// Accounts of the system, and becoming one.

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/base/result.h"

namespace kindred {

struct Account {
  std::string name;
  uid_t user;
  gid_t group;
};

/// nullopt: there is none of that name; a number is no name. Errors: what kept the system from looking.
[[nodiscard]] Result<std::optional<Account>> find_account(const char* name);

/// This process becomes the account's, for good: its group as the only one, then its user.
/// Errors: operation "set groups for", "set group for", "set user for", object the account's name.
[[nodiscard]] Status become_account(const Account& account);

}  // namespace kindred
