#pragma once
// The end of a chain: this process becomes the program.

#include "core/base/result.h"
#include "core/chain/environment.h"

namespace kindred {

/// Returns only on failure: operation "run", object `file`. Without an environment, this process's own is
/// the program's.
[[nodiscard]] Error exec_into(const char* file, char* const argv[]);
/// `file` is searched for in this process's PATH, whatever PATH the program gets.
[[nodiscard]] Error exec_into(const char* file, char* const argv[], Environment environment);

}  // namespace kindred
