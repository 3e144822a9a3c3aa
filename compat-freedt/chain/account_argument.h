#pragma once

#include <optional>

#include "core/chain/account.h"

namespace kindred::freedt {

/// Nothing, after "PROG: fatal: …", where there is no such account.
[[nodiscard]] std::optional<Account> account_or_complaint(const char* program, const char* name);

}  // namespace kindred::freedt
