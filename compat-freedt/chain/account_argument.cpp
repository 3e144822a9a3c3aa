#include "compat-freedt/chain/account_argument.h"

#include "core/cli/output.h"

namespace kindred::freedt {

std::optional<Account> account_or_complaint(const char* program, const char* name) {
  const auto account = find_account(name);
  if (account && *account) return *account;
  if (account)
    fatal(program, {"unknown account ", name});
  else
    fatal(program, account.error());
  return std::nullopt;
}

}  // namespace kindred::freedt
