#pragma once
// An environment directory: every file in it is a variable.

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/chain/environment.h"

namespace kindred {

struct EnvDirectoryRules {
  std::string prefix = {};         ///< of every variable's name
  bool skips_directories = false;  ///< a directory in it is no error
  const char* enters = "open";     ///< the operation that failed where it cannot be read
  bool skips_equals = false;       ///< names with `=` are none
  bool missing_is_empty = false;   ///< a directory that is not there
  bool unopened_is_empty = false;  ///< … or cannot be opened for another reason
  bool skips_special = false;      ///< what is neither a file nor a directory is passed over, and named
  ValueRules value = {};
};

/// What its files do, in the order of their names; names that begin with a dot are none. A link is followed,
/// for links are what such directories are often made of; one that leads nowhere is an error, a file that is
/// gone before it could be read is not there. Errors: open's or read's, object DIR or DIR/NAME; E2BIG for a
/// first line, or a whole file where that is the value, that is longer than any program can be given. `passed_over` gets the paths of special files.
[[nodiscard]] Result<std::vector<VariableChange>> read_env_directory(
    const char* path, const EnvDirectoryRules& rules = {}, std::vector<std::string>* passed_over = nullptr);

}  // namespace kindred
