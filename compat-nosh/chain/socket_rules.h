#pragma once
// Which rules concern a connection: names of directories, the first of which that has a rule decides. Pure.
// Source: interfaces/nosh-system.md section 4.6.

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/chain/environment.h"

namespace kindred::nosh {

struct RuleDirectories {
  std::string who;  ///< the other end, as it is named in messages
  std::vector<std::string> names;
};

/// `user`, `group`: who asks. Errors: code 0; a protocol, a variable or an address that there is not.
[[nodiscard]] Result<RuleDirectories> rule_directories(const Environment& environment, uid_t user,
                                                       gid_t group);

}  // namespace kindred::nosh
