#include "core/chain/account.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace kindred {

Result<std::optional<Account>> find_account(const char* name) {
  // Any other errno is a way to say that nothing was found: which one differs between sources of accounts.
  constexpr int kTroubles[] = {EINTR, EIO, EMFILE, ENFILE, ENOMEM, ERANGE};
  errno = 0;
  const passwd* const found = ::getpwnam(name);
  if (found != nullptr) return std::optional<Account>({found->pw_name, found->pw_uid, found->pw_gid});
  if (std::ranges::find(kTroubles, errno) != std::end(kTroubles)) return error_here("look for account", name);
  return std::optional<Account>();
}

Status become_account(const Account& account) {
  if (::setgroups(1, &account.group) != 0) return error_here("set groups for", account.name);
  if (::setgid(account.group) != 0) return error_here("set group for", account.name);
  if (::setuid(account.user) != 0) return error_here("set user for", account.name);
  return ok();
}

}  // namespace kindred
